/* The WebSocket at /talk?name=Ada. A client sends {"say": "…"} and is sent
 *
 *	{"type": "welcome", "name": …, "here": […], "history": […]}   once, first
 *	{"type": "joined", "name": …}, {"type": "left", "name": …}
 *	{"type": "said", "name": …, "text": …, "time": …}             its own words too
 *
 * It is closed with 4409 if somebody of that name is here, 4422 for a name or words that
 * do not fit, 4503 if the room is full; the reason says so for people. */
#ifndef CHAT_TALK_H
#define CHAT_TALK_H

#include <cruet.h>

int talk_routes(cruet_app *app);

#endif
