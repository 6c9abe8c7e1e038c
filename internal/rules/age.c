/* Whether somebody is certainly of age on a day. Enter at age_is_adult. Pure. */

#include "rules/age.h"

bool age_is_adult(const struct age_fact *age, struct date on)
{
	int year, month, day;

	if (age->birth_on.day != 0)
		return date_age(age->birth_on, on) >= AGE_OF_MAJORITY;
	if (!age->birth_year.set)
		return age->minor == FLAG_NO;
	/* Someone born 18 years ago has perhaps not had the birthday yet. */
	date_split(on, &year, &month, &day);
	return year - age->birth_year.value > AGE_OF_MAJORITY;
}
