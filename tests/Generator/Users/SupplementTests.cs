// Supplements of a user's own (Users/Projects/supplements) and what the generator makes of them: one chain, read as a file, compiled, run, and free of the heap.
using Microsoft.CodeAnalysis;

namespace SipEmbedded.Generator.Tests.Users;

public sealed class SupplementTests
{
    private const string Update = "UPDATE_EMITTED";
    private const string Snapshot = "House.g.cs";

    private static readonly UserProject s_project = UserProject.OfFolder("supplements", "none");

    [Fact]
    public void A_chain_calls_its_supplements_and_keeps_their_cookies()
    {
        string log = s_project.RunDemonstration();

        Assert.True(log == """
            INVITE: True 500
            INVITE: False 486
            OPEN sip:a SIP/2.0
            X-Door: 3
            CLOSE sip:a SIP/2.0
            rung 2
            ended 2, released 2, left 0

            """, log);
    }

    [Fact]
    public void Its_generated_code_allocates_nothing_after_start() => Assert.Empty(s_project.AnalyseAllocations());

    [Fact]
    public void A_chain_is_emitted_as_the_file_beside_the_tests_of_emission()
    {
        string emitted = s_project.GeneratedFiles()["Doors.House.Supplements.g.cs"];
        string path = Path.Combine(Repository(), "tests", "Generator", "Emission", Snapshot);
        if (Environment.GetEnvironmentVariable(Update) == "1")
            File.WriteAllText(path, emitted);

        Assert.Equal(File.ReadAllText(path), emitted);
    }

    [Fact]
    public void The_order_of_the_files_does_not_matter()
    {
        var turned = s_project with { Trees = [.. s_project.Trees.Reverse()] };

        Assert.Equal(s_project.GeneratedFiles(), turned.GeneratedFiles());
    }

    [Fact]
    public void A_chain_that_names_supplements_has_those_alone()
    {
        string emitted = s_project.WithCode("Other.cs", """
            namespace Doors;
            [SipEmbedded.Generation.SupplementChain(typeof(DoorHeaders))] internal sealed partial class Gate;
            """).GeneratedFiles()["Doors.Gate.Supplements.g.cs"];

        Assert.Contains("DoorHeaders.OutgoingRequest(", emitted);
        Assert.DoesNotContain("Limits", emitted);
        Assert.DoesNotContain("Bells", emitted);
    }

    [Fact]
    public void A_supplement_of_another_assembly_is_held_by_a_chain_that_names_it()
    {
        using var image = new MemoryStream();
        Assert.True(s_project.Compile().Emit(image).Success);
        var library = MetadataReference.CreateFromImage(image.ToArray());
        var user = UserProject.Empty.WithCode("User.cs", """
            [SipEmbedded.Generation.SupplementChain(typeof(Doors.Limits), typeof(Doors.Bells))] public sealed partial class Chain;
            """);

        user.Driver().RunGeneratorsAndUpdateCompilation(user.Compilation().AddReferences(library), out var compiled, out var diagnostics);

        Assert.Empty(diagnostics);
        Assert.Empty(compiled.GetDiagnostics().Where(d => d.Severity >= DiagnosticSeverity.Warning));
        Assert.NotNull(compiled.GetTypeByMetadataName("Chain")!.GetMembers("RungCookies").SingleOrDefault());
    }

    [Fact]
    public void Two_supplements_and_two_cookies_of_one_name_have_a_member_each()
    {
        string emitted = UserProject.Empty.WithCode("User.cs", """
            using SipEmbedded.Calls;
            using SipEmbedded.Generation;
            namespace A { [Supplement(Order = 1)] public class Same { [Cookie] public struct Kept { public int N; } public void SessionBegan(in CallSession call, ref Kept kept) => kept.N++; } }
            namespace B { [Supplement(Order = 2)] public class Same { [Cookie] public struct Kept { public int N; } public void SessionBegan(in CallSession call, ref Kept kept) => kept.N++; } }
            [SupplementChain] partial class Chain;
            public static class Demonstration
            {
                public static string Run()
                {
                    var chain = new Chain();
                    ISupplements supplements = chain;
                    supplements.Attach(new(), 1);
                    var calls = new SipEmbedded.Memory.SlotMap<Call>(new(), "calls", 1);
                    calls.TryAdd(out var call);
                    supplements.SessionBegan(new CallSession(call, 0));
                    return $"{chain.KeptCookies.Of(call).N} {chain.KeptCookies_2.Of(call).N} {chain.Same is A.Same} {chain.Same_2 is B.Same}";
                }
            }
            """).RunDemonstration();

        Assert.Equal("1 1 True True", emitted);
    }

    [Fact]
    public void A_faulty_supplement_is_told_once_however_many_chains_there_are()
    {
        var result = s_project.WithCode("Other.cs", """
            using SipEmbedded.Generation;
            namespace Doors;
            [Supplement(Order = 99)] public class Faulty { public void SessionBegan() { } }
            [SupplementChain] internal sealed partial class Gate;
            """).Run();

        Assert.Equal("SIPG030", Assert.Single(result.Diagnostics).Id);
        Assert.DoesNotContain(result.GeneratedSources, s => s.HintName.Contains("Supplements"));
    }

    private static string Repository()
    {
        for (var directory = new DirectoryInfo(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
        {
            if (File.Exists(Path.Combine(directory.FullName, "SipEmbedded.sln")))
                return directory.FullName;
        }
        throw new DirectoryNotFoundException("no SipEmbedded.sln above the tests");
    }
}
