// What the reference matcher says of an input.
namespace SipEmbedded.Oracle;

/// <summary>
/// Accepted: <see cref="Tree"/> is the first parse in priority order, a reference to the rule that was asked for. Rejected: <see
/// cref="Furthest"/> is the greatest offset at which an octet, or the end, was refused, and <see cref="FurthestRule"/> the rule
/// (of the files, not of RFC 5234 appendix B.1) whose definition refused it first.
/// </summary>
internal sealed record MatchResult(ParseNode? Tree, int Furthest, string FurthestRule)
{
    public bool IsAccepted => Tree is not null;
}
