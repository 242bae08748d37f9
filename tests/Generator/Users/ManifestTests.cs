// A second grammar, as an outside user writes one (Users/Projects/manifest): nothing of SIP is in it, and everything of the generator is.
namespace SipEmbedded.Generator.Tests.Users;

public sealed class ManifestTests
{
    private static readonly UserProject s_project = UserProject.OfFolder("manifest", "manifest");

    [Fact]
    public void A_grammar_without_sip_is_read_written_and_dispatched() 
    {
        string log = s_project.RunDemonstration();

        Assert.True(log == """
            INSTALL libfoo 1.20.3-rc.1: Install INSTALL libfoo 1 20 3 rc.1 > INSTALL libfoo 1.20.3-rc.1
            UPGRADE libfoo 1.2.3: Other UPGRADE libfoo 1 2 3 - > UPGRADE libfoo 1.2.3
            REMOVE  libfoo   1.2.3: Syntax at 7 in package
            REMOVE  libfoo   1.2.3: Remove REMOVE libfoo 1 2 3 - > REMOVE libfoo 1.2.3
            INSTALL libfoo 1000.0.0: Range at 15 in version
            INSTALL libfoo 1.256.0: Range at 17 in version
            INSTALL libfoo 1.0.256: Install INSTALL libfoo 1 0 255 - > INSTALL libfoo 1.0.255
            INSTALL libfoo 1.0: Syntax at 18 in version
            Depends: Depends List, Repeatable read
              libbar 2 level 7 optional True mirror eu.1 > libbar 2.0.1;optional;MIRROR=eu.1;level=7
              libc 6 level  optional False mirror - > libc 6.0.0
            D: Depends List, Repeatable read
              libbar 2 level  optional False mirror - > libbar 2.0.1;level=x
            Priority: Priority Single read
              250
            Priority: Priority Single Priority
            INSTALL: Handled True
            REMOVE: Handled False
            HOLD: NotAllowed False
            install: NotImplemented False
            PURGE: NotImplemented False
            3 installed, 1 removed, Allow: INSTALL, REMOVE

            """, log);
    }

    [Fact]
    public void Its_generated_code_allocates_nothing() => Assert.Empty(s_project.AnalyseAllocations());
}
