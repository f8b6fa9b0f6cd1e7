/* cruet: a small web framework. Include this and nothing else to write an
 * application or a plugin; services (cruet/db.h, cruet/session.h,
 * cruet/validate.h) and the test client (cruet/testing.h) are asked for by
 * name. */
#ifndef CRUET_H
#define CRUET_H

#include "cruet/types.h"
#include "cruet/error.h"
#include "cruet/app.h"
#include "cruet/route.h"
#include "cruet/hook.h"
#include "cruet/request.h"
#include "cruet/upload.h"
#include "cruet/response.h"
#include "cruet/file.h"
#include "cruet/memory.h"
#include "cruet/store.h"
#include "cruet/sse.h"
#include "cruet/ws.h"
#include "cruet/json.h"
#include "cruet/log.h"
#include "cruet/plugin.h"

#endif
