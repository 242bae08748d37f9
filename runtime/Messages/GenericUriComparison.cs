// When two URIs of a scheme without rules of its own here are the same: by their syntax alone (RFC 3986 §6.2.2), that is without
// regard to the case of scheme and host, to needless escapes, and to the segments "." and "..". What a scheme makes of a missing
// port or path (§6.2.3) is not known here, so those must both be there or both be missing.
using SipEmbedded.Text;
using SipEmbedded.Uris;

namespace SipEmbedded.Messages;

public static class GenericUriComparison
{
    /// <summary>True where the two URIs are equivalent; each text is the one that its URI was read from.</summary>
    public static bool AreEqual(in GenericUri left, ReadOnlySpan<byte> leftText, in GenericUri right,
        ReadOnlySpan<byte> rightText) =>
        Scan.EqualsIgnoreCase(left.Scheme.In(leftText), right.Scheme.In(rightText))
        && IsSame(left.UserInfo, leftText, right.UserInfo, rightText)
        && left.Host.IsPresent == right.Host.IsPresent
        && AreHostsEqual(left.Host.In(leftText), right.Host.In(rightText))
        && IsSame(left.Port, leftText, right.Port, rightText)
        && ArePathsEqual(left.Path.In(leftText), right.Path.In(rightText))
        && IsSame(left.Query, leftText, right.Query, rightText)
        && IsSame(left.Fragment, leftText, right.Fragment, rightText);

    private static bool IsSame(Slice left, ReadOnlySpan<byte> leftText, Slice right, ReadOnlySpan<byte> rightText) =>
        left.IsPresent == right.IsPresent && UriText.AreEquivalent(left.In(leftText), right.In(rightText), UriOctets.GenericPlain,
            ignoreCase: false);

    // Unlike SIP's, a registered name may have escapes (RFC 3986 §3.2.2).
    private static bool AreHostsEqual(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right) =>
        HostText.AreEqual(left, right) || UriText.AreEquivalent(left, right, UriOctets.GenericPlain, ignoreCase: true);

    private static bool ArePathsEqual(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right)
    {
        // Dots have their meaning in a hierarchy; a path without a slash at its beginning (mailto:, urn:) is none.
        if (!left.StartsWith((byte)'/') || !right.StartsWith((byte)'/'))
            return UriText.AreEquivalent(left, right, UriOctets.GenericPlain, ignoreCase: false);
        var leftSegments = new SegmentsFromEnd(left);
        var rightSegments = new SegmentsFromEnd(right);
        while (true)
        {
            bool more = leftSegments.TryNext(out var first);
            if (more != rightSegments.TryNext(out var second))
                return false;
            if (!more)
                return true;
            if (!UriText.AreEquivalent(first, second, UriOctets.GenericPlain, ignoreCase: false))
                return false;
        }
    }

    /// <summary>
    /// The segments of a path that begins with a slash, as remove_dot_segments leaves them (RFC 3986 §5.2.4), from the last to
    /// the first: read that way, ".." is the number of segments to pass over, and nothing has to be kept.
    /// </summary>
    private ref struct SegmentsFromEnd(ReadOnlySpan<byte> path)
    {
        private ReadOnlySpan<byte> _path = path;
        private bool _isLast = true;
        private int _removed;

        public bool TryNext(out ReadOnlySpan<byte> segment)
        {
            while (!_path.IsEmpty)
            {
                int slash = _path.LastIndexOf((byte)'/');
                segment = _path[(slash + 1)..];
                _path = _path[..slash];
                bool isLast = _isLast;
                _isLast = false;
                bool isParent = UriText.UnescapesTo(segment, ".."u8);
                if (isParent)
                    _removed++;
                if (isParent || UriText.UnescapesTo(segment, "."u8))
                {
                    // A path that ends in dots ends in the slash before them.
                    if (!isLast)
                        continue;
                    segment = default;
                    return true;
                }
                if (_removed == 0)
                    return true;
                _removed--;
            }
            segment = default;
            return false;
        }
    }
}
