/* Between the files of the parser's tags. Each begins at its own name, and ends before "%}". */
#ifndef JINJA_PARSE_PRIV_H
#define JINJA_PARSE_PRIV_H

#include "parse.h"

struct node *parse_if(struct parser *p);
struct node *parse_for(struct parser *p);
struct node *parse_set(struct parser *p);
struct node *parse_with(struct parser *p);
struct node *parse_autoescape(struct parser *p);
struct node *parse_filter_block(struct parser *p);
struct node *parse_block(struct parser *p);
struct node *parse_extends(struct parser *p);
struct node *parse_include(struct parser *p);
struct node *parse_import(struct parser *p);
struct node *parse_from(struct parser *p);
struct node *parse_macro(struct parser *p);
struct node *parse_call_block(struct parser *p);
struct node *parse_print(struct parser *p);
struct node *parse_do(struct parser *p);
struct node *parse_break(struct parser *p);
struct node *parse_continue(struct parser *p);

/* {{ value }}; NULL for NULL. */
struct node *parse_printed(struct parser *p, struct node *value);
/* From the end of a tag to one of the names, and stays there. */
bool parse_body_to(struct parser *p, const char *until, struct node **body);

#endif
