/* SHA-256, by the examples of FIPS 180-4 and by lengths around the ends of blocks. */
#include "base/sha256.h"

#include <string.h>

#include "suite.h"

static const char *hash(const void *p, size_t len)
{
	static char hex[65];
	unsigned char out[32];
	struct sha256 s;

	sha256_init(&s);
	sha256_add(&s, p, len);
	sha256_end(&s, out);
	sha256_hex(out, hex);
	return hex;
}

static const char *hash_text(const char *s)
{
	return hash(s, strlen(s));
}

START_TEST(examples_of_the_standard)
{
	ck_assert_str_eq(hash_text(""), "e3b0c44298fc1c149afbf4c8996fb924"
					"27ae41e4649b934ca495991b7852b855");
	ck_assert_str_eq(hash_text("abc"), "ba7816bf8f01cfea414140de5dae2223"
					   "b00361a396177a9cb410ff61f20015ad");
	ck_assert_str_eq(hash_text("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
			 "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
	ck_assert_str_eq(
		hash_text("abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmno"
			  "ijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu"),
		"cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1");
}
END_TEST

START_TEST(a_million_times_a)
{
	char block[1000], hex[65];
	unsigned char out[32];
	struct sha256 s;

	memset(block, 'a', sizeof block);
	sha256_init(&s);
	for (int i = 0; i < 1000; i++)
		sha256_add(&s, block, sizeof block);
	sha256_end(&s, out);
	sha256_hex(out, hex);
	ck_assert_str_eq(hex, "cdc76e5c9914fb9281a1c7e284d73e67"
			      "f1809a48a497200e046d39ccc7112cd0");
}
END_TEST

static const struct {
	size_t len;
	const char *hex;
} lengths[] = {
	{0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
	{1, "4bf5122f344554c53bde2ebb8cd2b7e3d1600ad631c385a5d7cce23c7785459a"},
	{3, "ce562c676ea7aba9812f54db146b0096011bf3e423edfb0a6f8fb2b02674a801"},
	{54, "5556be1c204be4be0266d24d065b006343ecd327c0adbc0c98db3a359eb7a9b6"},
	{55, "16fa57a0a3423a715d594516339f36189d6b5f93754a9714fef202616a9fabfe"},
	{56, "c37b44e5f1b18554b36966f4f8e08bfbf3164c4b6c10374d12d89850892073c5"},
	{57, "12b234922502022f755ab8550a3d4e202ad39c81d961a4f59ec39d5fd83d15a7"},
	{63, "bbba992d2c85af960fb2987a1fd05e0aa82a3db3c740dd8982a9e273b75e36a3"},
	{64, "66bd4633ed6f71c4ecfa4763bf7ba1c8ec7612de9aa6c0578a7b675207c71e0b"},
	{65, "9f7dc47107b750a1f3d35db5d9547f24ef40da5b731b9540d4f43710a154f6c9"},
	{111, "1796402e8fc028fc1d3a61e3e4cac839872632c2d7b381cbd802d0768f5cfd13"},
	{112, "e19b57d2618b2898cb915bf2be9bf558f761faa651cd6c5f892610750714dea4"},
	{119, "a3ed307b730fa77c07531300c6e4a282330011d4d4caf6bb7b63ae05950f4b66"},
	{120, "8e3b15d9fea7472655aa069620b7f8c2e55ee1499f763200a7515fe826e99d20"},
	{127, "44480fb9672845177f5368a08b69ea263275f2a5ec42e06a933370fe0d2968a4"},
	{128, "e462c130fef8c97e34f7dc3ff3ad2f8b3533ab849af21c10531552a2852387a4"},
	{129, "aa7ea4e8bf89146aeb67ff195fd8182a0e504c9d580aa7af8d2c862e14b98405"},
	{1000, "095ecb62e30793ab4b954cd6a0586d0cc91f7ea5b1332694d8da780e98676d78"},
};

/* Bytes 1, 8, 15, ...: each differs from its neighbours. */
static void fill(unsigned char *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		p[i] = (unsigned char)(i * 7 + 1);
}

START_TEST(lengths_around_the_ends_of_blocks)
{
	unsigned char text[1000];

	fill(text, sizeof text);
	for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++)
		ck_assert_msg(!strcmp(hash(text, lengths[i].len), lengths[i].hex),
			      "%zu bytes: %s", lengths[i].len, hash(text, lengths[i].len));
}
END_TEST

START_TEST(it_does_not_matter_how_it_is_cut)
{
	unsigned char text[129], out[32];
	char whole[65], hex[65];
	struct sha256 s;

	fill(text, sizeof text);
	strcpy(whole, hash(text, sizeof text));
	for (size_t cut = 0; cut <= sizeof text; cut++) {
		sha256_init(&s);
		sha256_add(&s, text, cut);
		sha256_add(&s, NULL, 0);
		sha256_add(&s, text + cut, sizeof text - cut);
		sha256_end(&s, out);
		sha256_hex(out, hex);
		ck_assert_str_eq(hex, whole);
	}
	sha256_init(&s);
	for (size_t i = 0; i < sizeof text; i++)
		sha256_add(&s, text + i, 1);
	sha256_end(&s, out);
	sha256_hex(out, hex);
	ck_assert_str_eq(hex, whole);
}
END_TEST

START_TEST(hex_is_lower_case_and_ends)
{
	unsigned char all[32];
	char hex[65];

	for (int i = 0; i < 32; i++)
		all[i] = (unsigned char)(i * 8 + i % 8);
	memset(hex, 'x', sizeof hex);
	sha256_hex(all, hex);
	ck_assert_str_eq(hex, "0009121b242d363f404952"
			      "5b646d767f8089929ba4adb6bfc0c9d2dbe4edf6ff");
}
END_TEST

SUITE("sha256", examples_of_the_standard, a_million_times_a, lengths_around_the_ends_of_blocks,
      it_does_not_matter_how_it_is_cut, hex_is_lower_case_and_ends)
