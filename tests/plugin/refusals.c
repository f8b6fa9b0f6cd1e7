/* Files that are not what they should be: refused before a line of them runs, each
 * with one sentence. */
#include <elf.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "host.h"

/* Uses a plugin that must be refused: its code has not run, nothing was attached
 * and nothing is left in the folder of private copies. */
static cruet_app *refused(const char *name)
{
	cruet_app *app = app_here();

	ck_assert_int_lt(cruet_use(app, name, NULL), 0);
	ck_assert_ptr_nonnull(cruet_problem(app));
	ck_assert_msg(!ran(name), "code of %s has run", name);
	return app;
}

#define assert_refused(name, ...)                                                        \
	do {                                                                             \
		cruet_app *app_ = refused(name);                                         \
		assert_problem(app_, __VA_ARGS__);                                       \
		cruet_free(app_);                                                        \
	} while (0)

START_TEST(a_good_one_is_loaded)
{
	put("well");
	cruet_app *app = app_here();
	ck_assert_int_eq(cruet_use(app, "well", NULL), CRUET_OK);
	ck_assert(ran("well"));
	cruet_client *t = cruet_client_new(app);
	ck_assert_int_eq(cruet_client_get(t, "/well"), 200);
	ck_assert_str_eq(cruet_client_body(t), "1.0.0");
	cruet_client_free(t);
	cruet_free(app);
}
END_TEST

START_TEST(a_good_one_is_found_in_a_folder_of_its_own)
{
	ck_assert_int_eq(mkdir(at("well"), 0755), 0);
	put_as("well/well", "well");
	cruet_app *app = app_here();
	ck_assert_int_eq(cruet_use(app, "well", NULL), CRUET_OK);
	cruet_free(app);
}
END_TEST

START_TEST(missing_files_name_the_folders_and_the_nearest)
{
	put("well");
	assert_refused("wel", "plugin 'wel': no wel.so in %s, %s; did you mean well?", folder,
		       INSTALLED);
	assert_refused("tracer", "plugin 'tracer': no tracer.so in %s, %s", folder, INSTALLED);
}
END_TEST

START_TEST(names_are_no_paths)
{
	static const char *const names[] = {"../well", "/etc/passwd", "Well", "1well", "", "we ll",
					    "well.so"};

	put("well");
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		assert_refused(names[i],
			       "plugin '%s': a name begins with a letter and has lower-case "
			       "letters, digits and '_'",
			       names[i]);
	assert_refused(text("%065d", 0),
		       "plugin '%065d': a name begins with a letter and has lower-case letters, "
		       "digits and '_'",
		       0);
}
END_TEST

START_TEST(what_is_no_elf_file)
{
	write_text("well.so", "#!/bin/sh\necho gotcha\n");
	assert_refused("well", "%s is no ELF file", at("well.so"));
	write_text("well.so", "");
	assert_refused("well", "%s is empty", at("well.so"));
	write_text("well.so", "\x7f" "EL");
	assert_refused("well", "%s is no ELF file", at("well.so"));
	write_text("well.so", "\x7f" "ELF\x02\x01");
	assert_refused("well", "%s is cut short: its ELF header is missing", at("well.so"));
}
END_TEST

/* Cut at every length that a slow copy may be stopped at. */
START_TEST(what_is_cut_short)
{
	char *bytes = malloc(FILE_CAP);
	size_t n = read_bytes(fixture("well"), bytes);
	Elf64_Ehdr h;
	size_t needed = 0, headers = 0; /* up to the first that says what is loaded */

	memcpy(&h, bytes, sizeof h);
	for (unsigned i = 0; i < h.e_phnum; i++) {
		Elf64_Phdr p;
		memcpy(&p, bytes + h.e_phoff + i * sizeof p, sizeof p);
		if (p.p_type == PT_LOAD && !headers)
			headers = h.e_phoff + (i + 1) * sizeof p;
		if (p.p_type == PT_LOAD && p.p_offset + p.p_filesz > needed)
			needed = p.p_offset + p.p_filesz;
	}
	ck_assert_uint_lt(needed, n);
	for (size_t len = sizeof h; len < needed; len += 97) {
		write_bytes(at("well.so"), bytes, len);
		assert_refused("well", "%s is cut short: %s", at("well.so"),
			       len < headers ? "its program headers are missing"
					     : "a segment is missing");
	}
	write_bytes(at("well.so"), bytes, needed - 1);
	assert_refused("well", "%s is cut short: a segment is missing", at("well.so"));
	free(bytes);
}
END_TEST

/* well.so with one field of its ELF header changed. */
static void put_patched(size_t offset, uint16_t value)
{
	char *bytes = malloc(FILE_CAP);
	size_t n = read_bytes(fixture("well"), bytes);

	memcpy(bytes + offset, &value, sizeof value);
	write_bytes(at("well.so"), bytes, n);
	free(bytes);
}

START_TEST(what_is_built_for_another_machine)
{
	put_patched(offsetof(Elf64_Ehdr, e_machine), EM_S390);
	assert_refused("well", "%s is built for another machine", at("well.so"));
	put_patched(EI_CLASS, ELFCLASS32 | ELFDATA2LSB << 8);
	assert_refused("well", "%s is built for another machine", at("well.so"));
	put_patched(EI_CLASS, ELFCLASS64 | ELFDATA2MSB << 8);
	assert_refused("well", "%s is built for another machine", at("well.so"));
}
END_TEST

START_TEST(what_is_no_shared_object)
{
	put_patched(offsetof(Elf64_Ehdr, e_type), ET_REL);
	assert_refused("well", "%s is no shared object", at("well.so"));
	put_patched(offsetof(Elf64_Ehdr, e_phnum), 0);
	assert_refused("well", "%s has no dynamic section: it is no shared object", at("well.so"));
	put_patched(offsetof(Elf64_Ehdr, e_phentsize), 1);
	assert_refused("well", "%s has malformed program headers", at("well.so"));
}
END_TEST

/* The bytes of a section of well.so in a buffer that holds the file. */
static char *section(char *bytes, const char *name, size_t *len)
{
	const Elf64_Ehdr *h = (void *)bytes;
	const Elf64_Shdr *s = (void *)(bytes + h->e_shoff);
	const char *names = bytes + s[h->e_shstrndx].sh_offset;
	unsigned i = 0;

	while (i < h->e_shnum && strcmp(names + s[i].sh_name, name) != 0)
		i++;
	ck_assert_msg(i < h->e_shnum, "%s", name);
	*len = s[i].sh_size;
	return bytes + s[i].sh_offset;
}

/* One field of a table that the dynamic linker would follow, in well.so. */
static void assert_damage(const char *name, size_t offset, const void *value, size_t n,
			  const char *why)
{
	char *bytes = malloc(FILE_CAP);
	size_t len = read_bytes(fixture("well"), bytes), room;
	char *at_section = section(bytes, name, &room);

	ck_assert_uint_le(offset + n, room);
	memcpy(at_section + offset, value, n);
	write_bytes(at("well.so"), bytes, len);
	free(bytes);
	assert_refused("well", "%s has %s", at("well.so"), why);
}

/* Where it begins in its table; the first ones are of lists that are looked at before. */
static size_t last_relocation(void)
{
	char *bytes = malloc(FILE_CAP);
	size_t room;

	read_bytes(fixture("well"), bytes);
	section(bytes, ".rela.dyn", &room);
	free(bytes);
	return room - sizeof(Elf64_Rela);
}

/* Each of these would end the process inside of dlopen(). */
START_TEST(what_is_damaged)
{
	const uint64_t far = 0x7fff0000;
	const uint32_t large = 1 << 30;
	const uint16_t version = 77;
	size_t last = last_relocation();

	assert_damage(".rela.dyn", last + offsetof(Elf64_Rela, r_offset), &far, sizeof far,
		      "a malformed relocation table");
	assert_damage(".rela.dyn", last + offsetof(Elf64_Rela, r_info) + 4, &large, sizeof large,
		      "a malformed relocation table");
	assert_damage(".dynsym", sizeof(Elf64_Sym), &large, sizeof large, "a malformed symbol table");
	assert_damage(".gnu.version", 2, &version, sizeof version, "malformed symbol versions");
	assert_damage(".gnu.version_r", offsetof(Elf64_Verneed, vn_file), &large, sizeof large,
		      "malformed symbol versions");
	assert_damage(".dynamic", offsetof(Elf64_Dyn, d_un), &far, sizeof far,
		      "a malformed dynamic section");
}
END_TEST

START_TEST(what_others_can_write)
{
	const char *path = put("well");

	chmod(path, 0646);
	assert_refused("well", "%s is writable by others (mode 0646): chmod go-w", path);
	chmod(path, 0664);
	assert_refused("well", "%s is writable by others (mode 0664): chmod go-w", path);
	chmod(path, 0644);
	chmod(folder, 0777);
	assert_refused("well", "%s lies in a folder that is writable by others (mode 0777): chmod go-w",
		       path);
	chmod(folder, 01777); /* as /tmp is: others cannot replace our files */
	cruet_app *app = app_here();
	ck_assert_int_eq(cruet_use(app, "well", NULL), CRUET_OK);
	cruet_free(app);
}
END_TEST

START_TEST(what_belongs_to_somebody_else)
{
	const char *path = put("well");

	if (geteuid() != 0)
		return; /* only root can give files away */
	ck_assert_int_eq(chown(path, 65534, 65534), 0);
	assert_refused("well", "%s belongs to user 65534: expected root or user 0", path);
	ck_assert_int_eq(chown(path, 0, 0), 0);
	ck_assert_int_eq(chown(folder, 65534, 65534), 0);
	assert_refused("well", "%s lies in a folder that belongs to user 65534: expected root or "
			       "user 0",
		       path);
	ck_assert_int_eq(chown(folder, 0, 0), 0);
}
END_TEST

START_TEST(what_is_no_regular_file)
{
	const char *path = at("well.so");

	put_as("real", "well");
	ck_assert_int_eq(symlink("real.so", path), 0);
	assert_refused("well", "%s is a symbolic link: name the file itself", path);
	unlink(path);
	ck_assert_int_eq(symlink("nowhere", path), 0);
	assert_refused("well", "%s is a symbolic link: name the file itself", path);
	unlink(path);
	ck_assert_int_eq(mkfifo(path, 0644), 0);
	assert_refused("well", "%s is a FIFO: expected a regular file", path);
	unlink(path);
	ck_assert_int_eq(mkdir(path, 0755), 0);
	assert_refused("well", "%s is a folder: expected a regular file", path);
	rmdir(path);

	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
	assert_refused("well", "%s cannot be read: No such device or address", path);
	close(fd);
}
END_TEST

START_TEST(what_is_too_large)
{
	const char *path = put("well");

	ck_assert_int_eq(truncate(path, (256 << 20) + 1), 0); /* a hole: takes no room */
	assert_refused("well", "%s is larger than 256 MiB", path);
}
END_TEST

START_TEST(what_was_renamed)
{
	put_as("other", "well");
	assert_refused("other", "%s describes the plugin 'well': name the file well.so",
		       at("other.so"));
	ck_assert(!ran("well"));
}
END_TEST

/* origin.so with another name for the library that it needs, one that nobody has. */
static void put_origin(void)
{
	char *bytes = malloc(FILE_CAP);
	size_t n = read_bytes(fixture("origin"), bytes);
	char *name = memmem(bytes, n, "libbeside.so", 13);

	ck_assert_ptr_nonnull(name);
	memcpy(name, "libnobody.so", 12);
	write_bytes(at("origin.so"), bytes, n);
	free(bytes);
}

START_TEST(what_is_linked_against_what_is_not_there)
{
	put("unresolved");
	assert_refused("unresolved", "%s cannot be loaded: undefined symbol: cruet_from_tomorrow",
		       at("unresolved.so"));
	put_origin();
	assert_refused("origin",
		       "%s cannot be loaded: libnobody.so: cannot open shared object file: No such "
		       "file or directory (it looks for libraries beside its file, $ORIGIN, but runs "
		       "from a private copy)",
		       at("origin.so"));
}
END_TEST

/* Each refusal of a set says which file, and the others are not touched. */
START_TEST(one_bad_file_stops_the_whole_set)
{
	put("well");
	put("other_abi");
	cruet_app *app = app_from("{\"plugins\": {\"well\": {}, \"other_abi\": {}}}");
	assert_problem(app, "%s is built for plugin ABI 2, this cruet has ABI 1: build it again",
		       at("other_abi.so"));
	ck_assert(!ran("well"));
	ck_assert(!ran("other_abi"));
	cruet_free(app);
}
END_TEST

HOST_SUITE("refusals", a_good_one_is_loaded, a_good_one_is_found_in_a_folder_of_its_own,
	   missing_files_name_the_folders_and_the_nearest, names_are_no_paths,
	   what_is_no_elf_file, what_is_cut_short, what_is_built_for_another_machine,
	   what_is_no_shared_object, what_is_damaged, what_others_can_write, what_belongs_to_somebody_else,
	   what_is_no_regular_file, what_is_too_large, what_was_renamed,
	   what_is_linked_against_what_is_not_there, one_bad_file_stops_the_whole_set)
