// Where a peer's packets may come from, and ours go to: symmetric RTP (RFC 4961), with a rule against strangers.
//
// note [who is listened to]
// A peer behind a NAT names an address that nothing can be sent to; its packets show the right one. A stranger can send packets as well. So a source other than
// the one that was signalled is taken only while nobody is heard (or nobody any more, for half a second), and even then only in the first seconds behind an
// agreement, or from the very host that was signalled. The signalled source itself is always taken, and displaces another one. An agreement with another
// address begins anew; one that changes no address opens the window again, since a peer may have moved behind its NAT. What is still on its way from where the
// peer was before is heard for a moment more, but answered no more: ours would go to the old place for good where the new one only listens.
using SipEmbedded.Memory;
using SipEmbedded.Transport;

namespace SipEmbedded.Voice;

/// <summary>One stream's peer; see note [who is listened to].</summary>
public struct MediaLatch
{
    // A peer that sends at all sends every 60 ms at least; that long a silence is no loss on the way.
    private static readonly TimeSpan s_quiet = TimeSpan.FromMilliseconds(500);

    private IpEndpoint _signalled;
    private IpEndpoint _heard;
    private IpEndpoint _left;
    private Instant _leftUntil;
    private Instant _openUntil;
    private Instant _lastHeard;
    private bool _isHeard;
    private bool _isBegun;

    /// <summary>Where ours go: to whom we hear, otherwise to the signalled address, which may be none (0.0.0.0 or ::).</summary>
    public readonly IpEndpoint Remote => _isHeard ? _heard : _signalled;

    /// <summary>True where the peer is heard from another address than it signalled.</summary>
    public readonly bool IsElsewhere => _isHeard && _heard != _signalled;

    /// <summary>An agreement names <paramref name="signalled"/>; for <paramref name="window"/> another source may be taken.</summary>
    public void Agree(Instant now, in IpEndpoint signalled, TimeSpan window)
    {
        if (!_isBegun || signalled != _signalled)
        {
            if (_isHeard)
            {
                _left = _heard;
                _leftUntil = now + s_quiet;
            }
            _signalled = signalled;
            _isHeard = false;
            _heard = default;
        }
        _isBegun = true;
        _openUntil = now + window;
    }

    /// <summary>
    /// True where a packet from there is the peer's. A source that is new is taken from now on; <paramref name="isNew"/> says so. Call it for packets that could
    /// be the peer's otherwise.
    /// </summary>
    public bool TryHear(Instant now, in IpEndpoint source, out bool isNew)
    {
        isNew = !_isHeard || source != _heard;
        if (isNew && source != _signalled)
        {
            if (now < _leftUntil && source == _left)
            {
                isNew = false;
                return true;
            }
            if (!MayReplace(now, source))
                return false;
        }
        _heard = source;
        _isHeard = true;
        _lastHeard = now;
        return true;
    }

    private readonly bool MayReplace(Instant now, in IpEndpoint source)
    {
        bool isQuiet = !_isHeard || now - _lastHeard > s_quiet;
        return isQuiet && (now < _openUntil || source.HasAddressOf(_signalled));
    }
}
