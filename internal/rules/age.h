#ifndef RULES_AGE_H
#define RULES_AGE_H

#include "core/clock.h"
#include "core/enumeration.h"

/* Years; Civil Law 219. A person who has not completed them is a minor. */
#define AGE_OF_MAJORITY 18

/* A person's age, as far as it is known. */
struct age_fact {
	struct date birth_on;
	struct number birth_year;
	enum flag minor; /* as recorded, if no birth date is known */
};

/* Whether the person is certainly 18 on the day; false if the age is unknown. */
bool age_is_adult(const struct age_fact *age, struct date on);

#endif
