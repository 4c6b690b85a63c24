/*
 * Runs a target over inputs that are kept, for compilers without libFuzzer:
 *
 *     replay FILE-OR-DIRECTORY…
 *
 * An input that breaks a promise ends the program; the last line says which one it was.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "target.h"

static unsigned replayed;

static void replay_file(const char *path) {
    FILE *file = fopen(path, "rb");
    if (file == NULL || fseek(file, 0, SEEK_END) != 0) abort();
    long length = ftell(file);
    if (length < 0) abort();
    rewind(file);
    /* Exactly as large as the input, so that a step past its end is seen by the sanitizers. */
    uint8_t *input = malloc(length == 0 ? 1 : (size_t)length);
    if (input == NULL || fread(input, 1, (size_t)length, file) != (size_t)length) abort();
    fclose(file);
    fprintf(stderr, "# %s\n", path);
    LLVMFuzzerTestOneInput(input, (size_t)length);
    free(input);
    replayed++;
}

static void replay_directory(const char *path) {
    DIR *directory = opendir(path);
    if (directory == NULL) abort();
    for (struct dirent *entry = readdir(directory); entry != NULL; entry = readdir(directory)) {
        char inside[4096];
        if (entry->d_name[0] == '.') continue;
        snprintf(inside, sizeof inside, "%s/%s", path, entry->d_name);
        replay_file(inside);
    }
    closedir(directory);
}

int main(int count, char **paths) {
    for (int index = 1; index < count; index++) {
        struct stat status;
        if (stat(paths[index], &status) != 0) {
            fprintf(stderr, "%s is not there\n", paths[index]);
            return 1;
        }
        if (S_ISDIR(status.st_mode)) replay_directory(paths[index]);
        else replay_file(paths[index]);
    }
    printf("ok - %u inputs keep every promise\n%d passed, 0 failed\n", replayed, replayed > 0 ? 1 : 0);
    return replayed > 0 ? 0 : 1;
}
