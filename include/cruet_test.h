/* All that a test of an application needs: see cruet/test.h. */
#ifndef CRUET_TEST_ALL_H
#define CRUET_TEST_ALL_H

#include <check.h>

#include "cruet.h"
#include "cruet/test.h"
#include "cruet/testing.h"

#endif
