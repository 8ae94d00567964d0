/*
 * The other end of the examples, by C's own calls: c_peer ROLE [HOST [TEXT]].
 *
 *   server    greets one client on TCP port 3490
 *   client    prints what the server at HOST says in one recv
 *   listener  prints one datagram that comes to UDP port 4950
 *   talker    sends TEXT to HOST as one datagram
 *   browser   asks HOST for / on TCP port 8080 and prints the answer
 */
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static void die(const char *what)
{
    perror(what);
    exit(2);
}

/* Opens a socket: bound if there is no host, else connected to it. */
static int open_socket(const char *host, const char *port, int type)
{
    struct addrinfo hints = { .ai_socktype = type, .ai_flags = AI_PASSIVE };
    struct addrinfo *list, *each;
    int status = getaddrinfo(host, port, &hints, &list), one = 1, fd = -1;

    if (status != 0) {
        fprintf(stderr, "getaddrinfo: %s\n", gai_strerror(status));
        exit(2);
    }
    for (each = list; each != NULL; each = each->ai_next) {
        fd = socket(each->ai_family, each->ai_socktype, 0);
        if (fd == -1) continue;
        setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
        if (host == NULL ? bind(fd, each->ai_addr, each->ai_addrlen) == 0
                         : connect(fd, each->ai_addr, each->ai_addrlen) == 0) break;
        close(fd);
        fd = -1;
    }
    freeaddrinfo(list);
    if (fd == -1) die("no address");
    return fd;
}

/* Prints all that comes, or what comes at once. */
static void print(int fd, int all)
{
    char bytes[512];
    ssize_t length;

    do {
        length = recv(fd, bytes, sizeof bytes, 0);
        if (length == -1) die("recv");
        fwrite(bytes, 1, length, stdout);
    } while (all && length > 0);
    putchar('\n');
}

int main(int argc, char **argv)
{
    const char *role = argc > 1 ? argv[1] : "", *host = argc > 2 ? argv[2] : NULL;
    const char *text = argc > 3 ? argv[3] : "GET / HTTP/1.1\r\n\r\n";
    int fd;

    setvbuf(stdout, NULL, _IOLBF, 0);
    if (strcmp(role, "server") == 0) {
        int listening = open_socket(NULL, "3490", SOCK_STREAM);
        if (listen(listening, 10) == -1) die("listen");
        puts("ready");
        if ((fd = accept(listening, NULL, NULL)) == -1) die("accept");
        if (send(fd, "Hello, world!", 13, 0) != 13) die("send");
    } else if (strcmp(role, "client") == 0) {
        print(open_socket(host, "3490", SOCK_STREAM), 0);
    } else if (strcmp(role, "listener") == 0) {
        fd = open_socket(NULL, "4950", SOCK_DGRAM);
        puts("ready");
        print(fd, 0);
    } else if (strcmp(role, "talker") == 0) {
        fd = open_socket(host, "4950", SOCK_DGRAM);
        if (send(fd, text, strlen(text), 0) == -1) die("send");
    } else if (strcmp(role, "browser") == 0) {
        fd = open_socket(host, "8080", SOCK_STREAM);
        if (send(fd, text, strlen(text), 0) == -1) die("send");
        print(fd, 1);
    } else {
        fprintf(stderr, "usage: c_peer ROLE [HOST [TEXT]]\n");
        return 1;
    }
    return 0;
}
