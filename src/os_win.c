/* Windows: LoadLibrary, the PE export directory, thread ids. */
#ifdef _WIN32
#include "os.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <windows.h>

static DWORD os_main;
static SRWLOCK os_locks[RDC_LOCK_COUNT] = {SRWLOCK_INIT, SRWLOCK_INIT};

void *rdc_os_open(const char *name, char *why, size_t size)
{
  HMODULE module;
  if (!*name) {
    module = GetModuleHandleA(NULL);
  } else {
    wchar_t wide[4096];
    if (!MultiByteToWideChar(CP_UTF8, 0, name, -1, wide, 4096)) {
      snprintf(why, size, "the name is not valid UTF-8");
      return NULL;
    }
    module = LoadLibraryW(wide);
  }
  if (!module)
    snprintf(why, size, "LoadLibrary failed with code %lu", (unsigned long)GetLastError());
  return module;
}

void rdc_os_close(void *handle)
{
  if (handle != (void *)GetModuleHandleA(NULL))
    FreeLibrary((HMODULE)handle);
}

void *rdc_os_find(void *handle, const char *name)
{
  FARPROC code = GetProcAddress((HMODULE)handle, name);
  void *address;
  memcpy(&address, &code, sizeof address);
  return address;
}

int rdc_os_path(void *handle, char *path, size_t size)
{
  wchar_t wide[4096];
  DWORD n = GetModuleFileNameW((HMODULE)handle, wide, 4096);
  if (!n || n >= 4096)
    return -1;
  return WideCharToMultiByte(CP_UTF8, 0, wide, -1, path, (int)size, NULL, NULL) ? 0 : -1;
}

int rdc_os_symbols(void *handle, void (*visit)(void *, const char *, int), void *user)
{
  const char *base = handle;
  const IMAGE_DOS_HEADER *dos = (const IMAGE_DOS_HEADER *)base;
  if (dos->e_magic != IMAGE_DOS_SIGNATURE)
    return -1;
  const IMAGE_NT_HEADERS *nt = (const IMAGE_NT_HEADERS *)(base + dos->e_lfanew);
  const IMAGE_DATA_DIRECTORY *where =
      &nt->OptionalHeader.DataDirectory[IMAGE_DIRECTORY_ENTRY_EXPORT];
  if (!where->Size)
    return 0;
  const IMAGE_EXPORT_DIRECTORY *exports =
      (const IMAGE_EXPORT_DIRECTORY *)(base + where->VirtualAddress);
  const DWORD *names = (const DWORD *)(base + exports->AddressOfNames);
  for (DWORD i = 0; i < exports->NumberOfNames; i++)
    visit(user, base + names[i], 1);
  return 0;
}

void rdc_os_main_thread_set(void) { os_main = GetCurrentThreadId(); }

int rdc_os_main_thread(void) { return os_main == GetCurrentThreadId(); }

void rdc_os_take(rdc_os_lock lock) { AcquireSRWLockExclusive(&os_locks[lock]); }

void rdc_os_give(rdc_os_lock lock) { ReleaseSRWLockExclusive(&os_locks[lock]); }

void rdc_os_error_text(int number, int is_last, char *text, size_t size)
{
  wchar_t wide[512];
  *text = '\0';
  if (!is_last) {
    snprintf(text, size, "%s", strerror(number));
    return;
  }
  DWORD n = FormatMessageW(FORMAT_MESSAGE_FROM_SYSTEM | FORMAT_MESSAGE_IGNORE_INSERTS, NULL,
                           (DWORD)number, 0, wide, 512, NULL);
  while (n && (wide[n - 1] == L'\r' || wide[n - 1] == L'\n' || wide[n - 1] == L' '))
    n--;
  int m = n ? WideCharToMultiByte(CP_UTF8, 0, wide, (int)n, text, (int)size - 1, NULL, NULL) : 0;
  text[m > 0 ? m : 0] = '\0';
}

int rdc_os_last_error(void) { return (int)GetLastError(); }

void rdc_os_set_last_error(int number) { SetLastError((DWORD)number); }

double rdc_os_now(void) { return 1e-3 * (double)GetTickCount64(); }

typedef struct os_worker {
  void (*work)(void *user, unsigned number);
  void *user;
  unsigned number;
  HANDLE thread;
} os_worker;

static DWORD WINAPI os_work(void *one)
{
  const os_worker *worker = one;
  worker->work(worker->user, worker->number);
  return 0;
}

void rdc_os_together(unsigned n, void (*work)(void *, unsigned), void *user)
{
  unsigned made = 0;
  os_worker *workers = n > 1 ? calloc(n - 1, sizeof *workers) : NULL;
  while (workers && made < n - 1) {
    os_worker *worker = &workers[made];
    *worker = (os_worker){.work = work, .user = user, .number = made + 1};
    worker->thread = CreateThread(NULL, 0, os_work, worker, 0, NULL);
    if (!worker->thread)
      break;
    made++;
  }
  work(user, 0);
  while (made--) {
    WaitForSingleObject(workers[made].thread, INFINITE);
    CloseHandle(workers[made].thread);
  }
  free(workers);
}

#else
typedef int rdc_os_win_is_empty;
#endif
