# Atbalsts. `make help` lists the targets; everything that is made lies below build/.

CC ?= gcc
ifeq ($(origin CC),default)
CC := gcc
endif
BUILD := build

# Seconds on 2 cores that do nothing else. tests/budget.sh prints what a target took and fails when that is
# a fifth more. The whole of make test has at most 15 minutes, .ci/run at most 60.
BUDGET_compile := 300
BUDGET_check := 40
BUDGET_unit := 120
BUDGET_api := 600
BUDGET_test := 900
BUDGET_clang := 420
BUDGET_tidy := 600
BUDGET_cppcheck := 120
BUDGET_test-deploy := 240
BUDGET_test-compose := 900
BUDGET_ci := 3600
BUDGET_mutants := 3600
BUDGET_race := 900
BUDGET_test-ha := 900
BUDGET_coverage := 1200
budget = sh tests/budget.sh $(1) $(BUDGET_$(1))

# Sessions of API tests that run at the same time, each with its own database and server.
WORKERS ?= 2
PYTEST := PYTHONDONTWRITEBYTECODE=1 /usr/bin/python3 -m pytest

# What is compiled may be narrowed: make unit PACKAGES="core model" TESTS=test_text
# and kept apart: make build CC=clang BUILD=build/clang
PACKAGES ?= core model content auth store rules engine openapi feature resource web
TESTS ?= $(basename $(notdir $(wildcard tests/unit/test_*.c)))

LIBRARIES := libulfius libmicrohttpd liborcania libyder jansson libpq libjwt libsodium libsystemd \
	libmagic libzip
LIBRARY_FLAGS := $(shell pkg-config --cflags $(LIBRARIES) 2>/dev/null)
LIBRARY_LIBS := $(shell pkg-config --libs $(LIBRARIES) 2>/dev/null) -pthread

WARNINGS := -Wall -Wextra -Wconversion -Wshadow -Wformat=2 -Wstrict-prototypes \
	-Wmissing-prototypes -Wvla -Werror
COMMON := -std=gnu17 -D_GNU_SOURCE -g -pthread $(WARNINGS) -Iinternal -I$(BUILD)/gen $(LIBRARY_FLAGS)
# The same sources make the same binary, wherever they lie.
HARDENED := -O2 -D_FORTIFY_SOURCE=2 -fstack-protector-strong -fPIE -ffile-prefix-map=$(CURDIR)=.
HARDENED_LINK := -pie -Wl,-z,relro,-z,now
# gcc 12 takes the null checks that UBSan adds for nulls: the other flavours judge these two warnings,
# which clang does not know.
GCC_ONLY := $(if $(findstring clang,$(shell $(CC) --version 2>/dev/null)),,\
	-Wno-format-overflow -Wno-format-truncation)
SANITIZED := -O1 -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all \
	$(GCC_ONLY)
COVERED := -O0 --coverage -fprofile-update=atomic

# What the binary is built with (the image's first stage), and what developing and testing need beside it.
DEBIAN_BUILD := build-essential pkg-config \
	libulfius-dev libmicrohttpd-dev liborcania-dev libyder-dev libcurl4-gnutls-dev \
	libjansson-dev libpq-dev libjwt-dev libsodium-dev libsystemd-dev libmagic-dev libzip-dev \
	iso-codes tzdata python3
DEBIAN := $(DEBIAN_BUILD) ca-certificates curl git procps libcmocka-dev \
	postgresql-15 postgresql-client-15 python3-pytest python3-pytest-xdist python3-httpx \
	python3-jsonschema python3-psycopg python3-jwt python3-nacl universal-ctags gcovr wrk \
	clang-format-14

# What only make clang, tidy, cppcheck and fuzz need.
DEBIAN_CLANG := clang clang-tidy-14 cppcheck

# What only make test-deploy needs.
DEBIAN_DEPLOY := python3-yaml python3-kubernetes systemd strace

# A package and the folders in it, so that a new folder needs no line here.
SOURCES := $(sort $(wildcard $(PACKAGES:%=internal/%/*.c) $(PACKAGES:%=internal/%/*/*.c)))
COMMANDS := $(wildcard cmd/atbalsts/*.c)
HELPERS := $(filter-out tests/unit/test_%,$(wildcard tests/unit/*.c))
GENERATED := $(BUILD)/gen/migrations.c $(BUILD)/gen/iso_codes.h
MIGRATIONS := $(wildcard internal/store/migrations/*.sql internal/store/schema/*.sql)

# Short lines unless V=1.
ifndef V
Q := @
SAY = @echo '  $(1)'
endif

# The same rules for each flavour: objects, one archive of all packages, the binary, the unit tests.
# $(1) flavour's folder, $(2) compiler flags, $(3) linker flags
define flavour
$(1)_OBJECTS := $(SOURCES:%.c=$(1)/%.o) $(1)/gen/migrations.o
$(1)_COMMANDS := $(COMMANDS:%.c=$(1)/%.o)

$(1)/%.o: %.c Makefile | $(GENERATED)
	@mkdir -p $$(@D)
	$(call SAY,CC $$@)
	$(Q)$$(CC) $(COMMON) $(2) -MMD -MP -c -o $$@ $$<

$(1)/gen/migrations.o: $(BUILD)/gen/migrations.c Makefile
	@mkdir -p $$(@D)
	$(call SAY,CC $$@)
	$(Q)$$(CC) $(COMMON) $(2) -MMD -MP -c -o $$@ $$<

# A source that went away, or a narrowed PACKAGES, changes the list and so remakes the archive.
$(1)/objects.list: FORCE
	@mkdir -p $$(@D)
	@echo '$$($(1)_OBJECTS)' | cmp -s - $$@ || echo '$$($(1)_OBJECTS)' > $$@

$(1)/libatbalsts.a: $$($(1)_OBJECTS) $(1)/objects.list
	@rm -f $$@
	$(Q)ar rcs $$@ $$(filter %.o,$$^)

$(1)/atbalsts: $$($(1)_COMMANDS) $(1)/libatbalsts.a
	$(call SAY,LD $$@)
	$(Q)$$(CC) $(2) $(3) -o $$@ $$^ $(LIBRARY_LIBS)

# What the unit tests share; an archive, so that each links only what it calls.
$(1)/tests/libhelp.a: $(HELPERS:%.c=$(1)/%.o)
	@mkdir -p $$(@D) && rm -f $$@
	$(Q)ar rcs $$@ $$^

# A test that watches a library's functions finds the real ones at run time (RTLD_NEXT), so each
# library stays linked even where the test's own functions have replaced all that it calls.
$(1)/tests/%: $(1)/tests/unit/%.o $(1)/tests/libhelp.a $(1)/libatbalsts.a
	@mkdir -p $$(@D)
	$(call SAY,LD $$@)
	$(Q)$$(CC) $(2) $(3) -o $$@ $$^ -Wl,--no-as-needed -lcmocka $(LIBRARY_LIBS)

-include $$($(1)_OBJECTS:.o=.d) $$($(1)_COMMANDS:.o=.d) $(TESTS:%=$(1)/tests/unit/%.d) \
	$(HELPERS:%.c=$(1)/%.d)
endef

.PHONY: FORCE help deps deps-build deps-clang build asan unit unit-programs openapi openapi-check api mutants race \
	check test test-parts clang compile-commands format format-check tidy cppcheck test-deploy test-compose \
	test-ha released run psql destroy bench fuzz coverage coverage-parts clean
.SECONDARY:
.DELETE_ON_ERROR:

help: ## This list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-16s %s\n", $$1, $$2 }' Makefile

deps-build:
	@sh deploy/deps.sh $(DEBIAN_BUILD)

deps-clang:
	@sh deploy/deps.sh $(DEBIAN_BUILD) libcmocka-dev $(DEBIAN_CLANG)

deps: ## Install the Debian packages that are missing (apt-get, as root or with sudo)
	@sh deploy/deps.sh $(DEBIAN)

build: $(BUILD)/atbalsts ## Build build/atbalsts, optimised and hardened

asan: $(BUILD)/asan/atbalsts ## Build build/asan/atbalsts with AddressSanitizer and UBSan

$(BUILD)/gen/migrations.c: internal/store/embed.sh $(MIGRATIONS)
	@mkdir -p $(@D)
	sh internal/store/embed.sh $@

$(BUILD)/gen/iso_codes.h: internal/model/iso_codes.sh
	@mkdir -p $(@D)
	sh internal/model/iso_codes.sh $@

$(eval $(call flavour,$(BUILD),$(HARDENED),$(HARDENED_LINK)))
$(eval $(call flavour,$(BUILD)/asan,$(SANITIZED),))
$(eval $(call flavour,$(BUILD)/cov,$(COVERED),))

unit-programs: $(TESTS:%=$(BUILD)/asan/tests/%)

unit: unit-programs ## Build and run the unit tests under the sanitizers (TESTS=, PACKAGES= narrow)
	@$(call budget,unit) sh tests/unit/run.sh $(BUILD)/asan/tests $(TESTS)

openapi: $(BUILD)/atbalsts ## Write api/openapi.json from the registry
	$(BUILD)/atbalsts openapi > $(BUILD)/openapi.json
	@mkdir -p api && mv $(BUILD)/openapi.json api/openapi.json

openapi-check: $(BUILD)/atbalsts ## Fail when api/openapi.json is not what the registry says
	@$(BUILD)/atbalsts openapi > $(BUILD)/openapi.json
	@cmp $(BUILD)/openapi.json api/openapi.json || \
		{ echo 'api/openapi.json is out of date: run make openapi' >&2; exit 1; }

check: ## Layers, sizes, banned calls, headers, migrations, README
	@$(call budget,check) sh tests/check/run.sh

api: $(BUILD)/asan/atbalsts ## The API tests: real server under the sanitizers, real PostgreSQL (K=, WORKERS=)
	@$(call budget,api) env $(PYTEST) tests/api -n $(WORKERS) --dist loadfile $(if $(K),-k '$(K)')

mutants: ## Plant mistakes into a copy; each must be noticed (SEED=, SAMPLE= of rules, ONLY=)
	@mkdir -p $(BUILD)
	@$(call budget,mutants) /usr/bin/python3 tests/mutants/run.py $(if $(SEED),--seed $(SEED)) \
		$(if $(SAMPLE),--sample $(SAMPLE)) $(if $(ONLY),--only '$(ONLY)')

released: $(BUILD)/asan/atbalsts ## Freeze the migrations for a release: their list, and its database for later ones to be tried on
	PYTHONDONTWRITEBYTECODE=1 /usr/bin/python3 tests/api/released.py

race: $(BUILD)/asan/atbalsts ## 32 clients at two servers fight for the last units, ROUNDS times (100)
	@$(call budget,race) env RACE_ROUNDS=$(or $(ROUNDS),100) $(PYTEST) tests/fault -q

test-ha: deps ## Faults, upgrades, Patroni and restores on hosts of our own, as root (PART= narrows)
	@$(MAKE) --no-print-directory build
	@$(call budget,test-ha) bash tests/ha/run.sh $(PART)

test: deps ## Install what is missing, build, and run every test
	@$(call budget,test) $(MAKE) --no-print-directory test-parts

test-parts:
	@$(call budget,compile) $(MAKE) --no-print-directory build asan unit-programs
	@$(MAKE) --no-print-directory check
	@$(MAKE) --no-print-directory openapi-check
	@$(MAKE) --no-print-directory unit
	@$(MAKE) --no-print-directory api

clang: deps-clang ## Build all flavours and the unit tests with clang: gcc and clang see different faults
	@$(call budget,clang) $(MAKE) --no-print-directory CC=clang BUILD=$(BUILD)/clang \
		build asan unit-programs

ALL_CODE = $(shell find cmd internal tests -name '*.c' | sort)

compile-commands: $(GENERATED) ## Write build/compile_commands.json, for editors and make tidy
	@printf '%s\n' $(ALL_CODE) | awk -v folder='$(CURDIR)' \
		-v command='clang $(COMMON) $(HARDENED) -Itests/unit -c' -f tests/compile_commands.awk \
		> $(BUILD)/compile_commands.json

format: ## Lay out all C code as .clang-format says
	@printf '%s\0' $(ALL_CODE) $(shell find cmd internal tests -name '*.h') | xargs -0 clang-format-14 -i

format-check: ## Fail where clang-format would change something
	@sh tests/check/format.sh && echo "format: as .clang-format says"

tidy: deps-clang compile-commands ## clang-tidy over all code, as .clang-tidy says (FILES= narrows)
	@$(call budget,tidy) sh tests/tidy.sh $(BUILD) $(or $(FILES),$(ALL_CODE))

cppcheck: deps-clang $(GENERATED) ## cppcheck over all code; tests/cppcheck.txt says what is let pass and why
	@mkdir -p $(BUILD)/cppcheck
	@$(call budget,cppcheck) cppcheck --quiet -j "$$(nproc)" --std=c11 -D_GNU_SOURCE \
		--include=tests/cppcheck.h \
		--enable=warning,style,performance,portability --error-exitcode=1 --inline-suppr \
		--suppressions-list=tests/cppcheck.txt --cppcheck-build-dir=$(BUILD)/cppcheck \
		-Iinternal -I$(BUILD)/gen -Itests/unit cmd internal tests

test-deploy: ## Alert rules, dashboard, systemd units and Kubernetes manifests (fetches promtool)
	@sh deploy/deps.sh $(DEBIAN) $(DEBIAN_DEPLOY)
	@$(MAKE) --no-print-directory build asan
	@sh deploy/promtool.sh $(BUILD)/promtool
	@$(call budget,test-deploy) env $(PYTEST) tests/deploy -q

test-compose: deps ## The image and docker-compose.yml, really started; says so where no Docker engine is
	@mkdir -p $(BUILD)
	@$(call budget,test-compose) bash tests/compose/run.sh $(if $(K),-k '$(K)')

run: deps ## Install what is missing, build, and serve with demo data on 127.0.0.1:8080
	@$(MAKE) --no-print-directory build
	@exec bash deploy/instance.sh start

psql: ## A psql session in the developer instance's database
	@bash deploy/instance.sh psql

destroy: ## Stop the developer instance and delete its database and keys
	@bash deploy/instance.sh destroy

bench: deps ## Measure on 1 000 000 clients, beside pgbench (CLIENTS= for fewer)
	@$(MAKE) --no-print-directory build
	@bash tests/load/bench.sh $(CLIENTS)

fuzz: deps-clang $(GENERATED) ## Fuzz each reader for SECONDS (needs clang; not part of make test)
	@for target in $(basename $(notdir $(wildcard tests/fuzz/fuzz_*.c))); do \
		sh tests/fuzz/run.sh $$target $(or $(SECONDS),60) || exit 1; \
	done

coverage: ## Line and branch coverage of unit and API tests: build/coverage/
	@$(call budget,coverage) $(MAKE) --no-print-directory coverage-parts

coverage-parts:
	@$(MAKE) --no-print-directory $(BUILD)/cov/atbalsts $(TESTS:%=$(BUILD)/cov/tests/%)
	@sh tests/unit/run.sh $(BUILD)/cov/tests $(TESTS)
	@TEST_BINARY=$(BUILD)/cov/atbalsts $(PYTEST) tests/api -n $(WORKERS) --dist loadfile $(if $(K),-k '$(K)')
	@mkdir -p $(BUILD)/coverage
	gcovr --root . --filter internal/ --print-summary --branches \
		--html-details $(BUILD)/coverage/index.html $(BUILD)/cov

clean: ## Remove build/
	rm -rf $(BUILD)
