#ifndef RESOURCE_SERVICES_CONSULTATIONS_H
#define RESOURCE_SERVICES_CONSULTATIONS_H

#include "resource/registry.h"
#include "rules/consultation.h"

struct consultation {
	struct record record;
	enum specialist_kind specialist_kind;
	struct text specialist_id;
	enum entitlement entitlement;
	struct text family_member_id;
	struct instant starts_at;
	struct number minutes;
	struct instant ends_at;
	enum flag joint;
	enum consultation_mode mode;
	enum consultation_place place;
	struct text language;
	enum consultation_outcome outcome;
	struct text outcome_reason;
	enum flag declined_by_client;
	enum funding funding;
	struct text topic;
	struct text notes;
	struct text corrects_id;
	enum flag superseded;
};

#endif
