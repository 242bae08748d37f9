// The agents keep the library's promise: after start they allocate nothing, and the analyzer reads every line of them.

[assembly: SipEmbedded.Memory.AllocationFree]
