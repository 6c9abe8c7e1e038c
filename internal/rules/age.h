#ifndef RULES_AGE_H
#define RULES_AGE_H

#include "core/clock.h"
#include "core/enumeration.h"

/* Years; Civil Law 219. A minor is who has not completed them. */
#define AGE_OF_MAJORITY 18

/* How old someone is, as far as it is known. */
struct age_fact {
	struct date birth_on;
	struct number birth_year;
	enum flag minor; /* as told, where no birth is known */
};

/* Whether it is certain that someone is 18 on the day; what is not known is not certain. */
bool age_is_adult(const struct age_fact *age, struct date on);

#endif
