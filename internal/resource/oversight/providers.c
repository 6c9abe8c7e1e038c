/* Providers of the social services. */

#include "resource/checks.h"
#include "resource/registry.h"

struct provider {
	struct record record;
	struct text name;
	struct text register_number;
	struct texts addresses;
	struct texts phones;
	struct text email;
	struct text website;
	struct texts languages;
	enum flag active;
};

static const struct field provider_fields[] = {
	TEXT_FIELD(struct provider, name, 200, .flags = REQUIRED | SORT | IN_LIST,
		   .about = "Name as registered.",
		   .example = "biedrība \"Resursu centrs sievietēm \"Marta\"\""),
	TEXT_FIELD(struct provider, register_number, 20, .flags = REQUIRED | FILTER | IN_LIST,
		   .about = "Number in the register of associations.", .example = "40008053478"),
	TEXTS_FIELD(struct provider, addresses, 20, .about = "Addresses where it receives people.",
		    .example = "Matīsa iela 49-3, Rīga"),
	TEXTS_FIELD(struct provider, phones, 20, .format = FORMAT_PHONE,
		    .about = "Phone numbers (E.164).", .example = "+37167378539"),
	TEXT_FIELD(struct provider, email, 254, .format = FORMAT_EMAIL, .about = "E-mail address.",
		   .example = "centrs@marta.lv"),
	TEXT_FIELD(struct provider, website, 300, .about = "Website.",
		   .example = "https://marta.lv"),
	TEXTS_FIELD(struct provider, languages, 20, .format = FORMAT_LANGUAGE,
		    .about = "Languages that its staff speak (ISO 639-1).", .example = "lv"),
	FLAG_FIELD(struct provider, active, .flags = REQUIRED | FILTER | IN_LIST,
		   .about = "Whether clients may choose it now.", .example = "true"),
};

static int provider_check(struct ctx *ctx, struct change *change)
{
	struct provider *provider = change->after;

	(void)ctx;
	if (provider == NULL)
		return 0;
	texts_present(&provider->addresses);
	texts_present(&provider->phones);
	texts_present(&provider->languages);
	return 0;
}

static const enum problem provider_problems[] = { P_CONFLICT, P_NONE };

const struct resource resource_providers = {
	.name = "providers",
	.singular = "provider",
	.about = "Providers of the social services, among which a client chooses freely.",
	.tag = "Organisations",
	.fields = FIELDS(provider_fields),
	.size = sizeof(struct provider),
	.traits = IS_PROVIDER,
	.actions = ACTION_LIST | ACTION_READ | ACTION_CREATE | ACTION_UPDATE,
	.sort = "name",
	.check = provider_check,
	.problems = provider_problems,
};
