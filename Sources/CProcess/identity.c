#define _GNU_SOURCE
#include "identity.h"

#include <string.h>

#ifdef __linux__
#include <elf.h>
#include <link.h>

struct found {
  const unsigned char *bytes;
  size_t count;
};

/* Lengths in a note are followed by padding to four bytes. */
static size_t padded(size_t length) { return (length + 3) & ~(size_t)3; }

static void look(const unsigned char *notes, size_t size, struct found *found) {
  ElfW(Nhdr) head;
  while (size >= sizeof head) {
    memcpy(&head, notes, sizeof head);
    size_t name = padded(head.n_namesz), description = padded(head.n_descsz);
    if (name > size - sizeof head || description > size - sizeof head - name) return;
    const unsigned char *place = notes + sizeof head;
    if (head.n_type == NT_GNU_BUILD_ID && head.n_namesz == 4 && memcmp(place, "GNU", 4) == 0) {
      *found = (struct found){place + name, head.n_descsz};
      return;
    }
    notes = place + name + description;
    size -= sizeof head + name + description;
  }
}

/* The program itself comes first; its libraries are of no interest. */
static int look_at_program(struct dl_phdr_info *info, size_t size, void *found) {
  (void)size;
  for (int i = 0; i < info->dlpi_phnum; i++) {
    const ElfW(Phdr) *segment = &info->dlpi_phdr[i];
    if (segment->p_type != PT_NOTE) continue;
    look((const unsigned char *)info->dlpi_addr + segment->p_vaddr, segment->p_memsz, found);
  }
  return 1;
}

size_t program_build_id(const unsigned char **bytes) {
  struct found found = {NULL, 0};
  dl_iterate_phdr(look_at_program, &found);
  *bytes = found.bytes;
  return found.count;
}
#else
size_t program_build_id(const unsigned char **bytes) {
  *bytes = NULL;
  return 0;
}
#endif

static const char *commit_of_program;

void program_set_commit(const char *commit) { commit_of_program = commit; }

const char *program_commit(void) { return commit_of_program; }
