#include "ws_frame.h"

#include <string.h>

enum {
	FIN = 0x80,
	RSV1 = 0x40,
	RSV23 = 0x30,
	OPCODE = 0x0F,
	MASKED = 0x80,
	LENGTH = 0x7F,
	LENGTH16 = 126,
	LENGTH64 = 127
};

static bool opcode_known(unsigned opcode)
{
	return opcode <= WS_BINARY || (opcode >= WS_CLOSE && opcode <= WS_PONG);
}

static const char *first_wrong(unsigned char b)
{
	unsigned opcode = b & OPCODE;

	if (b & RSV23)
		return "a reserved bit is set";
	if (!opcode_known(opcode))
		return "an unknown opcode";
	if (ws_is_control(opcode) && (b & RSV1))
		return "a control frame cannot be compressed";
	if (ws_is_control(opcode) && !(b & FIN))
		return "a control frame cannot be fragmented";
	return NULL;
}

static const char *second_wrong(unsigned opcode, unsigned char b)
{
	if (!(b & MASKED))
		return "a client must mask its frames";
	if (ws_is_control(opcode) && (b & LENGTH) > WS_CONTROL_MAX)
		return "a control frame holds 125 bytes at most";
	return NULL;
}

static size_t length_bytes(unsigned char b)
{
	return (b & LENGTH) == LENGTH64 ? 8 : (b & LENGTH) == LENGTH16 ? 2 : 0;
}

static uint64_t big_endian(const unsigned char *p, size_t n)
{
	uint64_t v = 0;

	while (n--)
		v = v << 8 | *p++;
	return v;
}

static const char *length_wrong(uint64_t len, size_t bytes)
{
	if (len >> 63)
		return "a length beyond 63 bits";
	if ((bytes == 2 && len < LENGTH16) || (bytes == 8 && len <= UINT16_MAX))
		return "a length that is not written in its shortest form";
	return NULL;
}

/* What is wrong with the byte that came last; NULL: nothing. */
static const char *wrong(const struct ws_head_reader *r)
{
	const unsigned char *b = r->bytes;

	if (r->n == 1)
		return first_wrong(b[0]);
	size_t bytes = length_bytes(b[1]);
	if (r->n == 2)
		return second_wrong(b[0] & OPCODE, b[1]);
	if (r->n == 2 + bytes)
		return length_wrong(big_endian(b + 2, bytes), bytes);
	return NULL;
}

static void fill(struct ws_head *head, const unsigned char *b)
{
	size_t bytes = length_bytes(b[1]);

	*head = (struct ws_head){
		.len = bytes ? big_endian(b + 2, bytes) : b[1] & (unsigned)LENGTH,
		.opcode = b[0] & OPCODE,
		.fin = b[0] & FIN,
		.rsv1 = b[0] & RSV1,
		.masked = true,
	};
	memcpy(head->mask, b + 2 + bytes, sizeof head->mask);
}

enum ws_head_state ws_head_read(struct ws_head_reader *r, const unsigned char *p, size_t n,
				size_t *taken, struct ws_head *head, const char **why)
{
	for (size_t i = 0; i < n; i++) {
		r->bytes[r->n++] = p[i];
		*taken = i + 1;
		*why = wrong(r);
		if (*why)
			return WS_HEAD_BAD;
		if (r->n < 2 || r->n < 2 + length_bytes(r->bytes[1]) + sizeof head->mask)
			continue;
		fill(head, r->bytes);
		r->n = 0;
		return WS_HEAD_READY;
	}
	*taken = n;
	return WS_HEAD_MORE;
}

size_t ws_head_write(unsigned char out[WS_HEAD_MAX], const struct ws_head *head)
{
	size_t bytes = head->len > UINT16_MAX ? 8 : head->len >= LENGTH16 ? 2 : 0;
	size_t n = 2 + bytes;

	out[0] = (unsigned char)((head->fin ? FIN : 0) | (head->rsv1 ? RSV1 : 0) | head->opcode);
	out[1] = (unsigned char)((head->masked ? MASKED : 0) |
				 (bytes == 8   ? LENGTH64
				  : bytes == 2 ? LENGTH16
					       : (unsigned)head->len));
	for (size_t i = 0; i < bytes; i++)
		out[2 + i] = (unsigned char)(head->len >> (8 * (bytes - 1 - i)));
	if (head->masked) {
		memcpy(out + n, head->mask, sizeof head->mask);
		n += sizeof head->mask;
	}
	return n;
}

void ws_mask(unsigned char *p, size_t n, const unsigned char mask[4], uint64_t at)
{
	unsigned char turned[8];
	uint64_t key, word;

	for (size_t i = 0; i < sizeof turned; i++)
		turned[i] = mask[(at + i) % 4];
	memcpy(&key, turned, sizeof key);
	while (n >= sizeof word) {
		memcpy(&word, p, sizeof word);
		word ^= key;
		memcpy(p, &word, sizeof word);
		p += sizeof word;
		n -= sizeof word;
	}
	for (size_t i = 0; i < n; i++)
		p[i] ^= turned[i];
}

bool ws_code_ok(unsigned code)
{
	return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) ||
	       (code >= 3000 && code <= 4999);
}
