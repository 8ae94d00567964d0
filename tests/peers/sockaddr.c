/*
 * sockaddr HOST PORT...: how the C library lays each numeric address out, a
 * line for each field: name, offset, bytes in hexadecimal.
 */
#include <netdb.h>
#include <netinet/in.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#define FIELD(type, name) \
    show(#name, address, offsetof(struct type, name), \
         sizeof ((struct type *)0)->name)

static void show(const char *name, const void *address, size_t at, size_t size)
{
    printf("%s %zu", name, at);
    for (size_t i = 0; i < size; i++)
        printf(" %02x", ((const unsigned char *)address)[at + i]);
    putchar('\n');
}

int main(int argc, char **argv)
{
    for (int i = 1; i + 1 < argc; i += 2) {
        struct addrinfo hints = { .ai_socktype = SOCK_STREAM,
                                  .ai_flags = AI_NUMERICHOST };
        struct addrinfo *found;
        int status = getaddrinfo(argv[i], argv[i + 1], &hints, &found);
        if (status != 0) {
            fprintf(stderr, "%s: %s\n", argv[i], gai_strerror(status));
            return 2;
        }
        const void *address = found->ai_addr;
        printf("%u bytes\n", (unsigned)found->ai_addrlen);
        if (found->ai_family == AF_INET) {
            FIELD(sockaddr_in, sin_family);
            FIELD(sockaddr_in, sin_port);
            FIELD(sockaddr_in, sin_addr);
            FIELD(sockaddr_in, sin_zero);
        } else {
            FIELD(sockaddr_in6, sin6_family);
            FIELD(sockaddr_in6, sin6_port);
            FIELD(sockaddr_in6, sin6_flowinfo);
            FIELD(sockaddr_in6, sin6_addr);
            FIELD(sockaddr_in6, sin6_scope_id);
        }
        freeaddrinfo(found);
    }
    return 0;
}
