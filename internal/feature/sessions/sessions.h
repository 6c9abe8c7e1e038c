#ifndef FEATURE_SESSIONS_SESSIONS_H
#define FEATURE_SESSIONS_SESSIONS_H

#include "engine/call.h"

/* Signing in and out, and what concerns one's own account. */
extern const struct endpoint session_create_endpoint;  /* POST /v1/sessions */
extern const struct endpoint session_refresh_endpoint; /* POST /v1/sessions/refresh */
extern const struct endpoint session_end_endpoint;     /* DELETE /v1/sessions/current */
extern const struct endpoint me_endpoint;	       /* GET /v1/me */
extern const struct endpoint me_password_endpoint;     /* PUT /v1/me/password */
extern const struct endpoint user_password_endpoint;   /* PUT /v1/users/{id}/password */
extern const struct endpoint user_approval_endpoint;   /* PUT /v1/users/{id}/approval */

#endif
