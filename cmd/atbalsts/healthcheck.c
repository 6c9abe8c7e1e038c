/* The command healthcheck: asks the server's own /health/ready. */

#include "command.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#define HEALTHCHECK_SECONDS 3

static int healthcheck_connect(const char *address)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM,
				  .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV };
	struct timeval patience = { HEALTHCHECK_SECONDS, 0 };
	const char *colon = strrchr(address, ':');
	struct addrinfo *found;
	char host[64] = "";
	int fd;

	if (colon == NULL || (size_t)(colon - address) >= sizeof(host))
		return -1;
	memcpy(host, address, (size_t)(colon - address));
	/* A server that listens on all addresses answers on the loopback address. */
	if (getaddrinfo(strcmp(host, "0.0.0.0") == 0 ? "127.0.0.1" : host, colon + 1, &hints,
			&found) != 0)
		return -1;
	fd = socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd >= 0) {
		setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
		setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
		if (connect(fd, found->ai_addr, found->ai_addrlen) != 0) {
			close(fd);
			fd = -1;
		}
	}
	freeaddrinfo(found);
	return fd;
}

static int healthcheck(struct arena *arena, const struct config *config, int argc, char **argv)
{
	static const char request[] =
		"GET /health/ready HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
	char answer[16] = "";
	int fd = healthcheck_connect(config->admin_listen);
	bool good;

	(void)arena;
	(void)argc;
	(void)argv;
	if (fd < 0)
		return EXIT_TROUBLE;
	good = send(fd, request, sizeof(request) - 1, MSG_NOSIGNAL) ==
		       (ssize_t)sizeof(request) - 1 &&
	       recv(fd, answer, 12, MSG_WAITALL) == 12 && strcmp(answer, "HTTP/1.1 200") == 0;
	close(fd);
	return good ? 0 : EXIT_TROUBLE;
}

const struct command command_healthcheck = {
	"healthcheck", "", "Exit 0 when the server of this configuration is ready (for containers)",
	healthcheck
};
