// A second grammar, as an outside user writes one (Users/Projects/manifest): nothing of SIP is in it, and everything of the generator is.
namespace SipEmbedded.Generator.Tests.Users;

public sealed class ManifestTests
{
    private static readonly UserProject s_project = UserProject.OfFolder("manifest", "manifest");

    [Fact]
    public void A_grammar_without_sip_is_read_written_and_dispatched() => Assert.Equal("""
        ?
        """, s_project.RunDemonstration().TrimEnd('\n'));

    [Fact]
    public void Its_generated_code_allocates_nothing() => Assert.Empty(s_project.AnalyseAllocations());
}
