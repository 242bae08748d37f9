// The library's promise: after start it allocates nothing. From here on the allocation analyzer reads every line of it,
// generated code included (docs/diagnostics/SIPA001.md onward).

[assembly: SipEmbedded.Memory.AllocationFree]
