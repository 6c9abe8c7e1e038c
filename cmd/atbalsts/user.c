#include "engine/engine.h"
#include "command.h"

#include "core/actor.h"
#include "core/uuid.h"

#include <errno.h>
#include <stdio.h>

struct user_arguments {
	const char *email, *name, *role, *provider, *profession, *language, *password_file;
};

static int user_parse(int argc, char **argv, struct user_arguments *ret)
{
	const struct {
		const char *name;
		const char **value;
	} options[] = {
		{ "--email", &ret->email },
		{ "--name", &ret->name },
		{ "--role", &ret->role },
		{ "--provider", &ret->provider },
		{ "--profession", &ret->profession },
		{ "--language", &ret->language },
		{ "--password-file", &ret->password_file },
	};
	const size_t count = sizeof(options) / sizeof(options[0]);

	for (int i = 0; i + 1 < argc; i += 2) {
		size_t k = 0;

		while (k < count && strcmp(argv[i], options[k].name) != 0)
			k++;
		if (k == count)
			return EXIT_USAGE;
		*options[k].value = argv[i + 1];
	}
	return argc % 2 != 0 || ret->email == NULL || ret->name == NULL || ret->role == NULL ||
			       ret->password_file == NULL
		       ? EXIT_USAGE
		       : 0;
}

/* The first line of a file; "-" is standard input, so that no password stands in a process list. */
static int user_password(const char *path, char *line, size_t size)
{
	FILE *file = strcmp(path, "-") == 0 ? stdin : fopen(path, "re");
	bool got;

	if (file == NULL)
		return EXIT_TROUBLE;
	got = fgets(line, (int)size, file) != NULL;
	if (file != stdin)
		(void)fclose(file);
	if (!got)
		return EXIT_TROUBLE;
	line[strcspn(line, "\r\n")] = '\0';
	return 0;
}

/* As sign-in reads it: no other address could ever sign in. */
static int user_email(struct ctx *ctx, const char *given, struct text *ret)
{
	int rc = format_check(FORMAT_ACCOUNT, text_of(given), ctx->arena, ret);

	return rc == -EINVAL ? fail_at(ctx, P_BAD_EMAIL, "--email") : rc;
}

static int user_insert(struct ctx *ctx, struct conn *conn, const struct user_arguments *arguments,
		       struct text email, const char *hash)
{
	struct text id = uuid_text(ctx->arena);
	struct text person[] = { id,
				 email,
				 text_of(arguments->name),
				 text_of(arguments->role),
				 text_of(arguments->provider),
				 text_of(arguments->profession),
				 text_of(arguments->language) };
	struct text credential[] = { id, text_of(hash) };
	struct query queries[] = {
		{ TEXT("BEGIN"), NULL, 0 },
		{ TEXT("SELECT set_config('app.actor', 'cli', true)"), NULL, 0 },
		{ TEXT("INSERT INTO users (id, email, name, role, provider_id, profession, "
		       "language, active, enrolled_at, approved_at)"
		       " VALUES ($1, $2, $3, $4, $5, $6, coalesce($7, 'lv'), true, now(), now())"),
		  person, 7 },
		{ TEXT("INSERT INTO credentials (user_id, hash) VALUES ($1, $2)"), credential, 2 },
	};
	struct reply replies[4];
	int rc = conn_commit(ctx, conn, queries, 4, replies);

	if (rc == 0)
		printf("%s\n", id.ptr);
	return rc;
}

static int user(struct arena *arena, const struct config *config, int argc, char **argv)
{
	struct user_arguments arguments = { 0 };
	char password[PASSWORD_MAX + 2] = "";
	char hash[PASSWORD_HASH_SIZE];
	struct store *store = NULL;
	struct conn *conn = NULL;
	struct text email;
	struct ctx ctx;
	int rc;

	if (argc < 1 || strcmp(argv[0], "add") != 0 ||
	    user_parse(argc - 1, argv + 1, &arguments) != 0)
		return EXIT_USAGE;
	if (!command_needs(config->owner_database, "OWNER_DATABASE"))
		return EXIT_CONFIG;
	if (user_password(arguments.password_file, password, sizeof(password)) != 0) {
		fprintf(stderr, "atbalsts: cannot read a password from %s\n",
			arguments.password_file);
		return EXIT_TROUBLE;
	}
	command_ctx(&ctx, arena);
	rc = password_check(&ctx, text_of(password), "/password");
	if (rc == 0)
		rc = password_hash(&ctx, text_of(password), hash);
	if (rc == 0)
		rc = user_email(&ctx, arguments.email, &email);
	if (rc == 0)
		rc = command_connect(&ctx, config, &store, &conn);
	if (rc == 0)
		rc = user_insert(&ctx, conn, &arguments, email, hash);
	conn_release(&conn);
	store_free(store);
	explicit_bzero(password, sizeof(password));
	return rc != 0 ? command_fail(&ctx, rc) : 0;
}

const struct command command_user = { "user",
				      "add --email E --name N --role R [--provider UUID] "
				      "[--profession P] [--language L] --password-file F",
				      "Make an account as the owner; the password is the file's "
				      "first line (- for standard input)",
				      user };
