#ifndef CERTIFY_IDENTITY_H
#define CERTIFY_IDENTITY_H

#include <stddef.h>

/* Which program runs. */

/* The number of bytes of the id that the linker made of the program's contents (the note NT_GNU_BUILD_ID),
   and in `*bytes` where they stand; 0 where it made none. Stripping a program leaves it as it is. */
size_t program_build_id(const unsigned char **bytes);

/* The commit that the program was built from, for whoever asks later; NULL where it is not known. */
void program_set_commit(const char *commit);
const char *program_commit(void);

#endif
