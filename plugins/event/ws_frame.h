/* Frames of RFC 6455, section 5: their heads and masks. Knows no connection. */
#ifndef EVENT_WS_FRAME_H
#define EVENT_WS_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum ws_opcode {
	WS_CONTINUATION = 0,
	WS_TEXT = 1,
	WS_BINARY = 2,
	WS_CLOSE = 8,
	WS_PING = 9,
	WS_PONG = 10
};

/* Why a connection ends (section 7.4.1). 1005 and 1006 are never sent. */
enum ws_code {
	WS_NORMAL = 1000,
	WS_GOING_AWAY = 1001,
	WS_PROTOCOL = 1002,
	WS_NO_CODE = 1005,
	WS_LOST = 1006,
	WS_BAD_DATA = 1007,
	WS_POLICY = 1008,
	WS_TOO_LARGE = 1009,
	WS_INTERNAL = 1011
};

enum {
	WS_HEAD_MAX = 14,
	WS_CONTROL_MAX = 125, /* payload of a control frame */
	WS_REASON_MAX = 123   /* ... and of a close frame, after its code */
};

struct ws_head {
	uint64_t len; /* of the payload */
	uint8_t opcode;
	bool fin;
	bool rsv1;   /* with permessage-deflate: the message is compressed */
	bool masked;
	unsigned char mask[4];
};

static inline bool ws_is_control(unsigned opcode)
{
	return opcode & 8;
}

/* Collects the bytes of one head. Zeroed: at its beginning. */
struct ws_head_reader {
	unsigned char bytes[WS_HEAD_MAX];
	unsigned char n;
};

enum ws_head_state { WS_HEAD_MORE, WS_HEAD_READY, WS_HEAD_BAD };

/* Takes bytes up to the end of the head; *taken says how many. READY: *head is filled,
 * and r stands at the beginning of the next one. BAD, as early as it shows: *why is a
 * sentence, and the code to close with is WS_PROTOCOL. What a client sends must be
 * masked. rsv1 is let through for data frames; whether it was agreed on is up to the
 * caller, as is the order of fragments. */
enum ws_head_state ws_head_read(struct ws_head_reader *r, const unsigned char *p, size_t n,
				size_t *taken, struct ws_head *head, const char **why);

/* Writes a head with the shortest length; returns its size. */
size_t ws_head_write(unsigned char out[WS_HEAD_MAX], const struct ws_head *head);

/* Masks or unmasks bytes in place; at is how many of the payload were before them. */
void ws_mask(unsigned char *p, size_t n, const unsigned char mask[4], uint64_t at);

/* True for a code that a close frame may hold (section 7.4 and IANA's register). */
bool ws_code_ok(unsigned code);

#endif
