/* What ws_conn.c (time, closing), ws_read.c and ws_write.c share. */
#ifndef EVENT_WS_CONN_PRIV_H
#define EVENT_WS_CONN_PRIV_H

#include "ws_conn.h"
#include "ws_utf8.h"

struct ws_reading {
	struct ws_head_reader reader;
	struct ws_head head;    /* of the frame whose payload is read */
	bool in_frame;
	bool over;              /* nothing more is read */
	bool compressed;        /* the message */
	bool lent;              /* message was handed out with the last event */
	unsigned char opcode;   /* of the message; 0: between two */
	unsigned char ncontrol;
	unsigned char control[WS_CONTROL_MAX];
	struct ws_utf8 utf8;
	uint64_t at;            /* bytes of the frame's payload that were taken */
	uint64_t raw;           /* bytes of the message as they came, announced ones too */
	const unsigned char *whole; /* the message, where it stands in the input as one */
	size_t whole_len;
	struct ws_bytes message;
	struct ws_inflater *inflater;
};

struct ws_writing {
	struct ws_node *line;   /* what was taken from the queue, */
	struct ws_node **end;
	size_t at;              /* and how much of its first is written */
	struct ws_deflater *deflater;
	/* The control frame that leaves as soon as no message is half written */
	unsigned char control[2 + WS_CONTROL_MAX];
	unsigned char ncontrol, control_at;
	unsigned char pong[WS_CONTROL_MAX]; /* of the last ping: only that is answered */
	unsigned char npong;
	bool pong_due, ping_due;
	bool close_staged; /* it was put into control: the last frame */
	unsigned close_code;
	char close_reason[WS_REASON_MAX + 1];
	int64_t since;     /* since when bytes wait in vain; -1: none do */
};

struct ws_conn {
	struct ws_conn_opts opts;
	struct ws_queue queue;
	struct ws_reading in;
	struct ws_writing out;
	bool closing;     /* a close frame was sent or is next; no message is handed out */
	bool lost;
	bool pinged;      /* since the last byte came */
	unsigned code;    /* why it ends; 0: it does not */
	int64_t heard;    /* when the last byte came */
	int64_t deadline; /* of the closing handshake; INT64_MAX: it is none */
};

/* The connection closes, after what waits. The first code counts. */
void ws_begin_closing(struct ws_conn *c, unsigned code, int64_t now);
void ws_write_pong(struct ws_conn *c, const unsigned char *p, size_t n);

#endif
