/* POSIX: dlopen and pthreads; symbol tables read from the loaded image (ELF, Mach-O). */
#ifndef _WIN32
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* dlinfo, dladdr */
#endif
#include "os.h"

#include <dlfcn.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#if defined(__linux__) || defined(__FreeBSD__) || defined(__NetBSD__)
#include <link.h>
#define OS_ELF 1
#elif defined(__APPLE__)
#include <mach-o/dyld.h>
#include <mach-o/loader.h>
#include <mach-o/nlist.h>
#endif

static pthread_t os_main;
static pthread_mutex_t os_locks[RDC_LOCK_COUNT] = {PTHREAD_MUTEX_INITIALIZER,
                                                   PTHREAD_MUTEX_INITIALIZER};

void *rdc_os_open(const char *name, char *why, size_t size)
{
  void *handle = dlopen(*name ? name : NULL, RTLD_LAZY | RTLD_LOCAL);
  if (!handle) {
    const char *reason = dlerror();
    snprintf(why, size, "%s", reason ? reason : "no reason given");
  }
  return handle;
}

void rdc_os_close(void *handle) { dlclose(handle); }

void *rdc_os_find(void *handle, const char *name) { return dlsym(handle, name); }

#ifdef OS_ELF

int rdc_os_path(void *handle, char *path, size_t size)
{
  struct link_map *map = NULL;
  if (dlinfo(handle, RTLD_DI_LINKMAP, &map) || !map || !map->l_name)
    return -1;
  snprintf(path, size, "%s", map->l_name);
  return 0;
}

/* The number of dynamic symbols, from whichever hash table the image has. */
static size_t elf_symbol_count(const uint32_t *sysv, const uint32_t *gnu)
{
  if (sysv)
    return sysv[1];
  if (!gnu)
    return 0;
  uint32_t buckets = gnu[0], first = gnu[1], bloom = gnu[2], last = 0;
  const uint32_t *bucket = gnu + 4 + bloom * (sizeof(ElfW(Addr)) / sizeof(uint32_t));
  const uint32_t *chain = bucket + buckets;
  for (uint32_t i = 0; i < buckets; i++)
    if (bucket[i] > last)
      last = bucket[i];
  if (last < first)
    return first;
  while (!(chain[last - first] & 1))
    last++;
  return (size_t)last + 1;
}

int rdc_os_symbols(void *handle, void (*visit)(void *, const char *, int), void *user)
{
  struct link_map *map = NULL;
  if (dlinfo(handle, RTLD_DI_LINKMAP, &map) || !map || !map->l_ld)
    return -1;
  const ElfW(Sym) *symbols = NULL;
  const char *names = NULL;
  const uint32_t *sysv = NULL, *gnu = NULL;
  for (const ElfW(Dyn) *entry = map->l_ld; entry->d_tag != DT_NULL; entry++) {
    /* glibc relocates these addresses in place, other loaders leave them relative */
    uintptr_t address = (uintptr_t)entry->d_un.d_ptr;
    if (address < (uintptr_t)map->l_addr)
      address += (uintptr_t)map->l_addr;
    if (entry->d_tag == DT_SYMTAB)
      symbols = (const ElfW(Sym) *)address;
    else if (entry->d_tag == DT_STRTAB)
      names = (const char *)address;
    else if (entry->d_tag == DT_HASH)
      sysv = (const uint32_t *)address;
    else if (entry->d_tag == DT_GNU_HASH)
      gnu = (const uint32_t *)address;
  }
  if (!symbols || !names)
    return -1;
  size_t count = elf_symbol_count(sysv, gnu);
  for (size_t i = 1; i < count; i++) {
    const ElfW(Sym) *symbol = &symbols[i];
    unsigned type = symbol->st_info & 15, bind = symbol->st_info >> 4;
    int code = type == STT_FUNC || type == 10 /* STT_GNU_IFUNC */;
    if (symbol->st_shndx != SHN_UNDEF && symbol->st_shndx != SHN_ABS &&
        (bind == STB_GLOBAL || bind == STB_WEAK) &&
        (code || type == STT_OBJECT || type == STT_NOTYPE) && names[symbol->st_name])
      visit(user, names + symbol->st_name, code);
  }
  return 0;
}

#elif defined(__APPLE__)

/* The loaded image whose handle this is, or NULL. */
static const struct mach_header_64 *macho_image(void *handle, intptr_t *slide, const char **name)
{
  for (uint32_t i = _dyld_image_count(); i-- > 0;) {
    const char *path = _dyld_get_image_name(i);
    void *again = path ? dlopen(path, RTLD_LAZY | RTLD_NOLOAD) : NULL;
    if (!again)
      continue;
    dlclose(again);
    /* the low bits of a dlopen handle are flags */
    if (((uintptr_t)again & ~(uintptr_t)3) == ((uintptr_t)handle & ~(uintptr_t)3)) {
      *slide = _dyld_get_image_vmaddr_slide(i);
      *name = path;
      return (const struct mach_header_64 *)_dyld_get_image_header(i);
    }
  }
  return NULL;
}

int rdc_os_path(void *handle, char *path, size_t size)
{
  intptr_t slide;
  const char *name;
  if (!macho_image(handle, &slide, &name))
    return -1;
  snprintf(path, size, "%s", name);
  return 0;
}

int rdc_os_symbols(void *handle, void (*visit)(void *, const char *, int), void *user)
{
  intptr_t slide;
  const char *path;
  const struct mach_header_64 *header = macho_image(handle, &slide, &path);
  if (!header || header->magic != MH_MAGIC_64)
    return -1;
  const struct symtab_command *table = NULL;
  const struct segment_command_64 *linkedit = NULL;
  const char *at = (const char *)(header + 1);
  for (uint32_t i = 0; i < header->ncmds; i++) {
    const struct load_command *command = (const struct load_command *)at;
    if (command->cmd == LC_SYMTAB)
      table = (const struct symtab_command *)at;
    if (command->cmd == LC_SEGMENT_64 &&
        !strcmp(((const struct segment_command_64 *)at)->segname, SEG_LINKEDIT))
      linkedit = (const struct segment_command_64 *)at;
    at += command->cmdsize;
  }
  if (!table || !linkedit)
    return -1;
  const char *base = (const char *)(linkedit->vmaddr + slide - linkedit->fileoff);
  const struct nlist_64 *symbols = (const struct nlist_64 *)(base + table->symoff);
  const char *names = base + table->stroff;
  for (uint32_t i = 0; i < table->nsyms; i++) {
    const struct nlist_64 *symbol = &symbols[i];
    const char *name = names + symbol->n_un.n_strx;
    if ((symbol->n_type & N_STAB) || !(symbol->n_type & N_EXT) ||
        (symbol->n_type & N_TYPE) != N_SECT || name[0] != '_')
      continue;
    visit(user, name + 1, symbol->n_sect == 1);
  }
  return 0;
}

#else

int rdc_os_path(void *handle, char *path, size_t size)
{
  (void)handle, (void)path, (void)size;
  return -1;
}

int rdc_os_symbols(void *handle, void (*visit)(void *, const char *, int), void *user)
{
  (void)handle, (void)visit, (void)user;
  return -1;
}

#endif

void rdc_os_main_thread_set(void) { os_main = pthread_self(); }

int rdc_os_main_thread(void) { return pthread_equal(os_main, pthread_self()); }

void rdc_os_take(rdc_os_lock lock) { pthread_mutex_lock(&os_locks[lock]); }

void rdc_os_give(rdc_os_lock lock) { pthread_mutex_unlock(&os_locks[lock]); }

void rdc_os_error_text(int number, int is_last, char *text, size_t size)
{
  snprintf(text, size, "%s", is_last ? "" : strerror(number));
}

int rdc_os_last_error(void) { return 0; }

void rdc_os_set_last_error(int number) { (void)number; }

double rdc_os_now(void)
{
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

typedef struct os_worker {
  void (*work)(void *user, unsigned number);
  void *user;
  unsigned number;
  pthread_t thread;
} os_worker;

static void *os_work(void *one)
{
  const os_worker *worker = one;
  worker->work(worker->user, worker->number);
  return NULL;
}

void rdc_os_together(unsigned n, void (*work)(void *, unsigned), void *user)
{
  sigset_t all, before;
  unsigned made = 0;
  os_worker *workers = n > 1 ? calloc(n - 1, sizeof *workers) : NULL;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before); /* new threads begin with that */
  while (workers && made < n - 1) {
    os_worker *worker = &workers[made];
    *worker = (os_worker){.work = work, .user = user, .number = made + 1};
    if (pthread_create(&worker->thread, NULL, os_work, worker))
      break;
    made++;
  }
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  work(user, 0);
  while (made--)
    pthread_join(workers[made].thread, NULL);
  free(workers);
}

#else
typedef int rdc_os_unix_is_empty;
#endif
