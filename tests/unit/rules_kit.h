#ifndef TESTS_RULES_KIT_H
#define TESTS_RULES_KIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#undef fail /* the house's own means a refusal */

#include "core/clock.h"
#include "core/fail.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define NUMBER(n) ((struct number){ (n), true })

/* A fresh request for each test: *state is its struct ctx. */
int rules_setup(void **state);
int rules_teardown(void **state);
#define RULE_TEST(f) cmocka_unit_test_setup_teardown(f, rules_setup, rules_teardown)

/* "2018-02-28" and "2018-02-28T23:40:00+02:00"; anything else fails the test. */
struct date on(const char *day);
struct instant at(const char *time);

/* The rule refused with this problem, blaming the pointer (NULL: none), and the request is clean
 * again. */
void assert_refused(struct ctx *ctx, int rc, enum problem problem, const char *pointer);
void assert_accepted(struct ctx *ctx, int rc);

/* The refusal's detail as a caller reads it; call before assert_refused. */
void assert_detail(struct ctx *ctx, enum language language, const char *expected);

#endif
