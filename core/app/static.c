/* Folders of files, the plugin that has the files instead, and the one that has put
 * fingerprints into their names. */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "app/element.h"
#include "app/file.h"
#include "base/text.h"
#include "cruet/request.h"
#include "cruet/svc/assets.h"
#include "cruet/svc/static.h"

struct folder {
	const char *path;
	cruet_file_opts opts;
};

/* --- a plugin's files
 * ----------------------------------------------------------------------- */

struct source {
	const struct entry_service *entry;
	const char *folder;
};

/* What a source is asked for: it need not know what a name could be up to. */
static bool is_plain(const char *name)
{
	size_t len = strnlen(name, CRUET_STATIC_NAME_MAX + 1);

	if (len > CRUET_STATIC_NAME_MAX || !utf8_valid(name, len))
		return false;
	for (const char *p = name;; p++) {
		size_t n = 0;
		for (; p[n] && p[n] != '/'; n++)
			if ((unsigned char)p[n] < ' ' || p[n] == 0x7f || p[n] == '\\')
				return false;
		if (!n || (n <= 2 && strspn(p, ".") >= n))
			return false;
		p += n;
		if (!*p)
			return true;
	}
}

static bool is_etag(const char *s)
{
	while (*s > ' ' && *s < 0x7f && *s != '"')
		s++;
	return !*s;
}

static int check(cruet_ctx *c, const struct entry_service *e,
		 const cruet_static_file *got)
{
	if (got->len > INT64_MAX || (got->len && !got->p))
		return element_fail(c, e, CRUET_EIO,
				    "gave a file without bytes that can be sent");
	if (got->etag && !is_etag(got->etag))
		return element_fail(
			c, e, CRUET_EIO,
			"gave an etag that is none: expected visible ASCII without "
			"quotes");
	return CRUET_OK;
}

static int find(cruet_ctx *c, const void *where, const char *name, struct file *f)
{
	const struct source *s = where;
	const struct entry_service *e = s->entry;
	cruet_static_file got = {.size = sizeof got, .modified = -1};

	if (!is_plain(name))
		return 404;
	int err = ((const cruet_static_source *)e->vt)
			  ->find(e->self, c, s->folder, name, &got);
	if (err == CRUET_ENOENT)
		return 404;
	err = err ? element_fail(c, e, err, "could not read a file") : check(c, e, &got);
	if (err)
		return err;
	f->bytes = got.p;
	f->size = got.len;
	f->modified = got.modified < 0 ? -1 : got.modified;
	f->etag = got.etag;
	return CRUET_OK;
}

static int send_found(cruet_ctx *c, const struct entry_service *e,
		      const struct folder *folder, const char *name)
{
	const struct source s = {e, folder->path};
	struct file f;

	file_begin(&f, name, &folder->opts);
	int err = find(c, &s, name, &f);
	if (!err && f.opts.flags & CRUET_FILE_PACKED)
		err = file_choose_packed(c, &f, name, find, &s);
	return err ? err : file_reply(c, &f);
}

/* --- names with a fingerprint
 * ------------------------------------------------------------- */

struct asset {
	const struct entry_service *entry;
	const char *full, *name; /* with the fingerprint, without it */
};

/* What was opened is what is compared, and what is sent: it may be replaced meanwhile. */
static int fits(cruet_ctx *c, const void *arg, struct file *f)
{
	const struct asset *a = arg;
	const struct entry_service *e = a->entry;

	int err = ((const cruet_asset_finder *)e->vt)
			  ->fits(e->self, c, a->full, a->name, f->fd);
	if (err == CRUET_ENOENT)
		return 404;
	if (err)
		return element_fail(c, e, err, "could not read a file");
	f->caching = "public, max-age=31536000, immutable";
	f->same_time = true; /* as packed: another time may stand for other content */
	return CRUET_OK;
}

/* Who has an old address gets the file as it is now, and nobody keeps it under that. */
static int never_kept(cruet_ctx *c, const void *arg, struct file *f)
{
	(void)c, (void)arg;
	f->caching = "no-cache";
	return CRUET_OK;
}

static int send_asset(cruet_ctx *c, const struct folder *f, const struct asset *a)
{
	int r = file_send_from(c, f->path, a->name, &f->opts, fits, a);
	if (r == 404) /* it may be the name of a file by itself */
		r = cruet_send_from(c, f->path, a->full, &f->opts);
	return r == 404 ? file_send_from(c, f->path, a->name, &f->opts, never_kept, NULL)
			: r;
}

static int send_named(cruet_ctx *c, const struct folder *f, const char *name)
{
	struct asset a = {element_of(c, ELEMENT_ASSETS), name, NULL};

	if (a.entry) {
		const cruet_asset_finder *finder = a.entry->vt;
		int err = finder->take(a.entry->self, c, name, &a.name);
		if (err && err != CRUET_ENOENT)
			return element_fail(c, a.entry, err, "could not read a name");
	}
	return a.name ? send_asset(c, f, &a) : cruet_send_from(c, f->path, name, &f->opts);
}

/* --- folders
 * ------------------------------------------------------------------------------ */

static int serve_folder(cruet_ctx *c)
{
	const struct folder *f = cruet_data(c);
	const char *name = cruet_arg(c, "filename");
	const struct entry_service *e = c->gen->elements[ELEMENT_STATIC];

	if (!e)
		return send_named(c, f, name);
	/* What lies in a folder of that name is something else. */
	return element_open(e) ? send_found(c, e, f, name)
			       : closed_fail(c, e->head.scope->owner);
}

const char *static_folder(const struct entry_rule *e)
{
	return e->rule.fn == serve_folder ? ((const struct folder *)e->rule.data)->path : NULL;
}

/* Where a source is there already, a folder is a name that it knows. */
static int check_folder(cruet_app *app, const char *folder)
{
	struct stat st;

	if (element_provided(app->root, ELEMENT_STATIC))
		return CRUET_OK;
	if (stat(folder, &st) != 0)
		return scope_problem(app, CRUET_ENOENT, "cruet_static: %s: %s", folder,
				     strerrordesc_np(errno));
	if (!S_ISDIR(st.st_mode))
		return scope_problem(app, CRUET_ENOENT,
				     "cruet_static: %s: expected a folder", folder);
	return CRUET_OK;
}

int cruet_static(cruet_app *app, const char *prefix, const char *folder,
		 const cruet_file_opts *opts)
{
	if (!app)
		return CRUET_EINVAL;
	if (!prefix || (*prefix && *prefix != '/') || !folder)
		return scope_problem(
			app, CRUET_EINVAL,
			"cruet_static: a prefix such as /static and a folder are needed");
	int err = check_folder(app, folder);
	if (err)
		return err;
	struct arena *a = &app->arena;
	struct folder *f = arena_zalloc(a, sizeof *f);
	size_t len = strlen(prefix);
	while (len && prefix[len - 1] == '/')
		len--;
	const char *path = arena_printf(a, "%.*s/<path:filename>", (int)len, prefix);
	if (!f || !path)
		return scope_problem(app, CRUET_ENOMEM, "cruet_static: out of memory");
	f->opts = (cruet_file_opts){.size = sizeof f->opts, .flags = CRUET_FILE_PACKED};
	if (opts)
		memcpy(&f->opts, opts,
		       opts->size < sizeof f->opts ? opts->size : sizeof f->opts);
	f->path = arena_strdup(a, folder);
	f->opts.mime = arena_strdup(a, f->opts.mime);
	f->opts.etag = f->opts.name =
		NULL; /* those of one file say nothing of a folder */
	if (!f->path)
		return scope_problem(app, CRUET_ENOMEM, "cruet_static: out of memory");
	return cruet_route(app, &(cruet_rule){.size = sizeof(cruet_rule),
					      .path = path,
					      .name = "static",
					      .fn = serve_folder,
					      .data = f,
					      .here = "cruet_static"});
}
