// The walk along the targets of a resolution (RFC 3263 §4.3: failure, and the next element in the list).
//
// note [walks]
// A walk begins at the first target that is not dead, and TryNext leads on to the next such one. Where none is left it says so, once: the caller waits before it
// tries again. What begins then goes to every target, dead or not, since to wait for the end of a dead time would be worse than to try. Any answer ends the
// walk. So between two answers each target is tried once before the caller waits, and no target is left out for ever.
using SipEmbedded.Memory;
using SipEmbedded.Transport;

namespace SipEmbedded.Resolution;

public sealed partial class ServerResolver
{
    /// <summary>The current target. False while none was found, and where the handle is stale.</summary>
    public bool TryGetTarget(Handle<ServerResolution> resolution, out Target target)
    {
        target = default;
        if (!HasTargets(resolution))
            return false;
        ref readonly var entry = ref _resolutions[resolution];
        ref readonly var found = ref TargetsOf(resolution)[entry.Current];
        target = new()
        {
            Protocol = found.Protocol,
            Remote = found.Remote,
            Local = _addresses.TryLocalFor(found.Remote, out var local) ? local : found.Remote.AnyOfFamily,
            IsStale = entry.IsStale,
        };
        return true;
    }

    /// <summary>
    /// The current target failed: it is passed over for <see cref="ResolverOptions.DeadTime"/>, and the next one is current. False where none is left in this
    /// walk; the next begins at the first (note [walks]).
    /// </summary>
    public bool TryNext(Instant now, Handle<ServerResolution> resolution)
    {
        if (!HasTargets(resolution))
            return false;
        ref var entry = ref _resolutions[resolution];
        var targets = TargetsOf(resolution)[..entry.Count];
        ref readonly var failed = ref targets[entry.Current];
        Counters.TargetsMarkedDead++;
        if (_dead.Mark(now, failed.Protocol, failed.Remote, now + _options.DeadTime))
            Counters.DeadTargetsForgotten++;
        entry.Tried |= 1u << entry.Current;
        int next = FirstAlive(now, targets, entry.Tried, byte.MaxValue);
        if (next < 0 && entry.TriesDead)
            next = FirstUntried(entry);
        // Names whose addresses are others each time they are asked for would lead on and on.
        if (++entry.Failures == ResolverLimits.MaxTargets)
            next = -1;
        if (next >= 0)
        {
            entry.Current = next;
            return true;
        }
        BeginWalk(now, ref entry, targets);
        return false;
    }

    /// <summary>
    /// Makes the target current that messages came from: on a stream by its address alone, since the port may be the peer's own. False where it is none, or dead.
    /// </summary>
    public bool TryKeepTo(Instant now, Handle<ServerResolution> resolution, in Flow flow)
    {
        if (!HasTargets(resolution))
            return false;
        ref var entry = ref _resolutions[resolution];
        var targets = TargetsOf(resolution)[..entry.Count];
        for (int i = 0; i < targets.Length; i++)
        {
            ref readonly var target = ref targets[i];
            bool isIt = target.Protocol == flow.Protocol && (flow.IsReliable ? target.Remote.HasAddressOf(flow.Remote) : target.Remote == flow.Remote);
            if (!isIt || _dead.IsDead(now, target.Protocol, target.Remote))
                continue;
            entry.Current = i;
            return true;
        }
        return false;
    }

    /// <summary>The current target answered, whatever it said.</summary>
    public void Succeeded(Instant now, Handle<ServerResolution> resolution)
    {
        if (!HasTargets(resolution))
            return;
        ref var entry = ref _resolutions[resolution];
        ref readonly var target = ref TargetsOf(resolution)[entry.Current];
        _dead.Clear(target.Protocol, target.Remote);
        entry.Tried = 0;
        entry.Failures = 0;
        entry.TriesDead = false;
    }

    private bool HasTargets(Handle<ServerResolution> resolution) => _resolutions.IsLive(resolution) && _resolutions[resolution].Count > 0;

    private Span<FoundTarget> TargetsOf(Handle<ServerResolution> resolution) =>
        _targets.AsSpan(resolution.Index * ResolverLimits.MaxTargets, ResolverLimits.MaxTargets);

    private void BeginWalk(Instant now, ref ServerResolution entry, ReadOnlySpan<FoundTarget> targets)
    {
        int first = FirstAlive(now, targets, tried: 0, byte.MaxValue);
        entry.Current = Math.Max(first, 0);
        entry.TriesDead = first < 0;
        entry.Tried = 0;
        entry.Failures = 0;
    }

    // A better target than the current one: of a lower rank where the current one lives, any where it is dead. Not one that failed in this walk, which would
    // then have no end.
    private void ReturnToPreferred(Instant now, ref ServerResolution entry, ReadOnlySpan<FoundTarget> targets)
    {
        ref readonly var current = ref targets[entry.Current];
        bool isDead = _dead.IsDead(now, current.Protocol, current.Remote);
        int better = FirstAlive(now, targets, entry.Tried, isDead ? byte.MaxValue : current.Rank - 1);
        if (better >= 0)
            entry.Current = better;
    }

    // Those that a way leads to stand in front of those that none leads to.
    private int FirstAlive(Instant now, ReadOnlySpan<FoundTarget> targets, uint tried, int maxRank)
    {
        for (int i = 0; i < targets.Length; i++)
        {
            ref readonly var target = ref targets[i];
            if ((tried >> i & 1) == 0 && target.Rank <= maxRank && target.HasWay && !_dead.IsDead(now, target.Protocol, target.Remote))
                return i;
        }
        return -1;
    }

    private static int FirstUntried(in ServerResolution entry)
    {
        int first = System.Numerics.BitOperations.TrailingZeroCount(~entry.Tried);
        return first < entry.Count ? first : -1;
    }
}
