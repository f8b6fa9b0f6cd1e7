/* Between the files of the parser's expressions. */
#ifndef JINJA_PARSE_EXPR_H
#define JINJA_PARSE_EXPR_H

#include "parse.h"

struct node *parse_constant(struct parser *p, uint32_t line, val v);
/* Appends to the list that n holds; kid NULL gives false. */
bool parse_append(struct parser *p, struct node *n, struct node **last, struct node *kid);
struct node *parse_postfix(struct parser *p, struct node *n);
struct node *parse_filters_and_tests(struct parser *p, struct node *n);

#endif
