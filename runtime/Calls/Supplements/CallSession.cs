// What a supplement is told of a call.
using SipEmbedded.Memory;

namespace SipEmbedded.Calls;

/// <summary>The call that a step of a supplement is about. It lives for the step alone; <see cref="Call"/> may be kept.</summary>
public readonly ref struct CallSession(Handle<Call> call, ulong user)
{
    public Handle<Call> Call { get; } = call;

    /// <summary>What the program gave the call to know it by.</summary>
    public ulong User { get; } = user;
}
