// A SIP header and a method of a user's own (Users/Projects/door): a grammar line, a record, and the RFCs' settlements taken over.
namespace SipEmbedded.Generator.Tests.Users;

public sealed class DoorTests
{
    private static readonly UserProject s_project = UserProject.OfFolder("door", "sip").WithSipGrammar();

    [Fact]
    public void A_header_and_a_method_of_ones_own_stand_beside_those_of_the_rfcs() 
    {
        string log = s_project.RunDemonstration();

        Assert.True(log == """
            OPEN: Handled
              door 3 floor 2
              door 12 floor 
              door 7 floor 
              opened by alice at example.com
            INVITE: Handled
            BYE: NotAllowed
            open: NotImplemented
            Syntax at 10 in addr-spec
            1 calls, 3 opened; Allow: INVITE, OPEN

            """, log);
    }

    [Fact]
    public void Their_generated_code_allocates_nothing() => Assert.Empty(s_project.AnalyseAllocations());

    /// <summary>What CONTRIBUTING.md promises: a grammar line and four lines of C#.</summary>
    [Fact]
    public void Five_lines_declare_a_header()
    {
        var project = UserProject.Empty.WithSipGrammar()
            .WithGrammar("sip", "mood.abnf", """X-Mood = "X-Mood" HCOLON token""")
            .WithCode("Mood.cs", """
                [SipEmbedded.Generation.Grammar("sip", Extends = typeof(SipEmbedded.Messages.SipGrammar))] static partial class MoodGrammar;

                [SipEmbedded.Generation.Header("X-Mood")]
                public readonly partial struct XMood { [SipEmbedded.Generation.Capture("token")] public partial SipEmbedded.Text.Slice Mood { get; } }
                """)
            .WithCode("Demonstration.cs", """
                using SipEmbedded.Messages;
                public static class Demonstration
                {
                    public static string Run()
                    {
                        var text = "OPTIONS sip:a SIP/2.0\r\nX-Mood: cheerful\r\n\r\n"u8;
                        var index = new MessageIndex();
                        SipMessage.TryRead(text, Framing.Datagram, ref index, out var message, out _);
                        return message.TryGet<XMood>(out var value, out _) ? System.Text.Encoding.ASCII.GetString(value.Mood.In(text)) : "none";
                    }
                }
                """);

        Assert.Equal("cheerful", project.RunDemonstration());
    }

    [Fact]
    public void Settings_taken_over_keep_leniencies_switched_off()
    {
        // Without them lenient-hostname would be an alternative like any other, and "_" a letter of host names.
        string extended = Fault("Extends = typeof(SipEmbedded.Messages.SipGrammar)"), bare = Fault("KeepsSpace = false");

        Assert.Equal("Syntax", extended);
        Assert.Equal("None", bare);

        static string Fault(string setting) => UserProject.Empty.WithSipGrammar()
            .WithGrammar("sip", "gate.abnf", """X-Gate = "X-Gate" HCOLON host""")
            .WithCode("Gate.cs", $$"""
                [SipEmbedded.Generation.Grammar("sip", {{setting}})] static partial class GateGrammar;
                [SipEmbedded.Generation.Header("X-Gate")]
                public readonly partial struct XGate { [SipEmbedded.Generation.Capture("host")] public partial SipEmbedded.Text.Slice Host { get; } }
                public static class Demonstration
                {
                    public static string Run() { XGate.TryParse("front_gate"u8, out _, out var fault); return fault.Kind.ToString(); }
                }
                """).RunDemonstration();
    }
}
