/* The list of entry points: name after rdc_r_ and C_, interface (CALL or EXTERNAL), arguments. */
#ifndef RDC_ENTRIES_H
#define RDC_ENTRIES_H

#define RDC_ENTRIES(X)                                                                             \
  X(array_new, CALL, 2)                                                                            \
  X(array_of, CALL, 3)                                                                             \
  X(array_length, CALL, 1)                                                                         \
  X(array_get, CALL, 2)                                                                            \
  X(array_set, CALL, 3)                                                                            \
  X(array_element, CALL, 2)                                                                        \
  X(array_column, CALL, 2)                                                                         \
  X(array_set_column, CALL, 3)                                                                     \
  X(call_dyncall, EXTERNAL, -1)                                                                    \
  X(bound_list, EXTERNAL, -1)                                                                      \
  X(bound_call0, CALL, 1)                                                                          \
  X(bound_call1, CALL, 2)                                                                          \
  X(bound_call2, CALL, 3)                                                                          \
  X(bound_call3, CALL, 4)                                                                          \
  X(bound_call4, CALL, 5)                                                                          \
  X(bound_call5, CALL, 6)                                                                          \
  X(bound_call6, CALL, 7)                                                                          \
  X(bound_call7, CALL, 8)                                                                          \
  X(bound_call8, CALL, 9)                                                                          \
  X(bound_new, CALL, 10)                                                                           \
  X(bound_own, CALL, 2)                                                                            \
  X(bound_describe, CALL, 1)                                                                       \
  X(call_errno, CALL, 1)                                                                           \
  X(call_prototype, CALL, 3)                                                                       \
  X(call_entries, CALL, 1)                                                                         \
  X(callback_new, CALL, 4)                                                                         \
  X(callback_describe, CALL, 1)                                                                    \
  X(callback_count, CALL, 0)                                                                       \
  X(debug_set, CALL, 1)                                                                            \
  X(debug_check, CALL, 0)                                                                          \
  X(debug_list, CALL, 0)                                                                           \
  X(dynport_words, CALL, 0)                                                                        \
  X(dynport_scan, CALL, 3)                                                                         \
  X(dynport_records, CALL, 2)                                                                      \
  X(dynport_line, CALL, 4)                                                                         \
  X(dynport_probe, CALL, 1)                                                                        \
  X(dynport_fill, CALL, 5)                                                                         \
  X(init_hooks, CALL, 1)                                                                           \
  X(init_same, CALL, 2)                                                                            \
  X(library_open, CALL, 2)                                                                         \
  X(library_close, CALL, 1)                                                                        \
  X(library_find, CALL, 3)                                                                         \
  X(library_has, CALL, 2)                                                                          \
  X(library_symbols, CALL, 1)                                                                      \
  X(library_path, CALL, 1)                                                                         \
  X(library_count, CALL, 0)                                                                        \
  X(memory_pack, CALL, 5)                                                                          \
  X(memory_unpack, CALL, 4)                                                                        \
  X(memory_uint64, CALL, 1)                                                                        \
  X(memory_floats, CALL, 1)                                                                        \
  X(memory_doubles, CALL, 1)                                                                       \
  X(owner_alloc, CALL, 4)                                                                          \
  X(owner_arena, CALL, 0)                                                                          \
  X(owner_free, CALL, 1)                                                                           \
  X(owner_keep, CALL, 1)                                                                           \
  X(owner_pin, CALL, 2)                                                                            \
  X(owner_own, CALL, 3)                                                                            \
  X(owner_enter, CALL, 0)                                                                          \
  X(owner_leave, CALL, 1)                                                                          \
  X(owner_about, CALL, 1)                                                                          \
  X(pointer_is_null, CALL, 1)                                                                      \
  X(pointer_of_vector, CALL, 1)                                                                    \
  X(pointer_offset, CALL, 2)                                                                       \
  X(pointer_address, CALL, 1)                                                                      \
  X(pointer_kind, CALL, 1)                                                                         \
  X(pointer_of_string, CALL, 1)                                                                    \
  X(pointer_to_string, CALL, 1)                                                                    \
  X(pointer_of_strings, CALL, 1)                                                                   \
  X(struct_get, CALL, 2)                                                                           \
  X(struct_set, CALL, 3)                                                                           \
  X(struct_names, CALL, 1)                                                                         \
  X(struct_list, CALL, 1)                                                                          \
  X(struct_new, CALL, 1)                                                                           \
  X(struct_cast, CALL, 3)                                                                          \
  X(struct_handle, CALL, 1)                                                                        \
  X(typeinfo_names, CALL, 2)                                                                       \
  X(typeinfo_record, CALL, 4)                                                                      \
  X(typeinfo_alias, CALL, 4)                                                                       \
  X(typeinfo_enum, CALL, 6)                                                                        \
  X(typeinfo_describe, CALL, 1)

#endif
