// What is wrong with a configuration file: all of it at once, each with its line, so that one look is enough to mend it.
namespace SipEmbedded.Device.Configuration;

/// <param name="Line">From 1.</param>
/// <param name="Place">The member, as <c>accounts[0].expires</c>; empty where the text is no JSON.</param>
/// <param name="Explanation">What stands there, and what is allowed.</param>
internal sealed record ConfigurationFault(int Line, string Place, string Explanation)
{
    /// <summary>As compilers print it, so that editors find the line.</summary>
    public string In(string file) => Place.Length == 0 ? $"{file}:{Line}: {Explanation}" : $"{file}:{Line}: {Place}: {Explanation}";
}
