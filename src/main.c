/* From argv to a command. The only file that sees the screen: it hands it to
 * the commands that draw. */
#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/confine.h"
#include "base/limits.h"
#include "base/text_near.h"
#include "command/commands.h"
#include "command/complete.h"
#include "command/help.h"
#include "config.h"
#include "config/config.h"
#include "query/query.h"
#include "ui/ui.h"
#include "base/banned.h"

/* A program that was started with its standard descriptors closed must not
 * open its journal as one of them. What is printed then is written nowhere, and
 * that is told as of a disk that is full. */
static void open_standard_fds(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        if (fcntl(fd, F_GETFD) < 0 &&
            open("/dev/null", fd == STDOUT_FILENO ? O_RDONLY : O_RDWR) < 0)
            return;
}

static bool asks_for(int argc, char **argv, const char *name, const char *also)
{
    for (int i = 1; i < argc && strcmp(argv[i], "--"); i++)
        if (!strcmp(argv[i], name) || !strcmp(argv[i], also))
            return true;
    return false;
}

/* The first word that names a command: for `tail --help`. */
static const struct command *named_command(int argc, char **argv)
{
    for (int i = 1; i < argc; i++)
        if (command_find(argv[i]))
            return command_find(argv[i]);
    return NULL;
}

/* What a command printed and could not be written has to be said; that nobody
 * reads it is no fault. */
static int close_output(int code)
{
    struct pollfd output = {.fd = STDOUT_FILENO};
    bool failed = ferror(stdout) != 0;

    errno = 0;
    failed = fflush(stdout) || failed;
    if (!failed || errno == EPIPE ||
        (poll(&output, 1, 0) == 1 && output.revents & POLLERR))
        return code;
    return command_fail(code == EXIT_DONE ? EXIT_FAILED : code,
                        "standard output: %s",
                        errno ? strerror(errno) : "not all was written");
}

static int print(const struct buf *text)
{
    fwrite(text->data, 1, text->len, stdout);
    return close_output(EXIT_DONE);
}

static int print_help(const struct command *command)
{
    struct buf out;
    int code;

    buf_init(&out, MIB);
    command_help(command, &out);
    code = print(&out);
    buf_free(&out);
    return code;
}

static int print_completion(char *const *words, int count)
{
    struct buf out;
    int code;

    buf_init(&out, MIB);
    complete_words(words, (size_t)count, &out);
    code = print(&out);
    buf_free(&out);
    return code;
}

static int print_version(void)
{
    struct buf out;
    int code;

    buf_init(&out, 256);
    buf_adds(&out, "telltale " PACKAGE_VERSION "\n");
    code = print(&out);
    buf_free(&out);
    return code;
}

static int refuse_word(const char *word)
{
    const char *names[64], *nearest;
    size_t count = 0;

    if (word[0] == '-') {
        nearest = config_nearest_flag(word);
        return command_fail(EXIT_USAGE, "no option %s%s%s", word,
                            nearest ? "; nearest: " : "",
                            nearest ? nearest : "; see telltale --help");
    }
    while (count < command_count && count < 63) {
        names[count] = commands[count].name;
        count++;
    }
    names[count] = NULL;
    nearest = text_nearest(word, names);
    return command_fail(EXIT_USAGE, "no command \"%s\"%s%s", word,
                        nearest ? "; nearest: " : "",
                        nearest ? nearest : "; see telltale --help");
}

/* Without a word, and when the first one is an option of the first command,
 * that command runs. */
static int dispatch(struct config *config, int argc, char **argv)
{
    const struct command *command = &commands[0];
    bool named = argc > 1 && command_find(argv[1]);
    struct command_context context = {.config = config,
                                      .display = ui_display()};

    if (named)
        command = command_find(argv[1]);
    else if (argc > 1 && argv[1][0] != '-')
        return refuse_word(argv[1]);
    context.command = command;
    context.argc = argc - (named ? 2 : 1);
    context.argv = argv + (named ? 2 : 1);
    return command_run(&context);
}

/* `telltale check --journal`, without a file, is the check's own word. */
static void name_salvage(int argc, char **argv)
{
    static char word[] = "--salvage";

    if (argc < 2 || strcmp(argv[1], "check"))
        return;
    for (int i = 2; i < argc; i++)
        if (!strcmp(argv[i], "--journal") &&
            (i + 1 == argc || !strncmp(argv[i + 1], "--", 2)))
            argv[i] = word;
}

/* Who asks what is wrong is told where they look for it. */
static int refuse_settings(const struct command *command, bool json, int code,
                           const struct err *err)
{
    if (code != EXIT_CONFIG || !command || strcmp(command->name, "check"))
        return command_fail(code, "%s", err->text);
    return close_output(check_unreadable(err, json));
}

int main(int argc, char **argv)
{
    struct err err = {""};
    struct config *config;
    int code = EXIT_USAGE;
    bool json;

    open_standard_fds();
    signal(SIGPIPE, SIG_IGN);
    signal(SIGCHLD, SIG_DFL); /* ignored, nobody is told how a child ended */
    signal(SIGXFSZ, SIG_IGN); /* a file that may not grow is an error */
    setlocale(LC_ALL, "");
    setlocale(LC_TIME, "C");    /* "Mon 14 Sep", amid what is English */
    setlocale(LC_NUMERIC, "C"); /* JSON and queries have points, no commas */
    if (argc > 1 && !strcmp(argv[1], COMPLETE_WORD))
        return print_completion(argv + 2, argc - 2);
    if (asks_for(argc, argv, "--help", "-h"))
        return print_help(named_command(argc, argv));
    if (argc > 1 && !strcmp(argv[1], "help"))
        return print_help(argc > 2 ? command_find(argv[2]) : NULL);
    if (asks_for(argc, argv, "--version", "-V"))
        return print_version();
    name_salvage(argc, argv);
    json = asks_for(argc, argv, "--json", "--json");
    config = config_load(&argc, argv, &code, &err);
    if (!config)
        return refuse_settings(named_command(argc, argv), json, code, &err);
    if (!config_flag(config, OPTION_core_files))
        confine_memory();
    query_set_me(config_text(config, OPTION_posthog_owner));
    code = close_output(dispatch(config, argc, argv));
    query_set_me(NULL);
    config_free(config);
    return code;
}
