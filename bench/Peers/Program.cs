// bench/run parse: our parser beside Debian's osip2, sofia-sip and libre, in one run. The order of the work is here; each
// step has a file of its own: Corpus, Verification, Rounds, TimeTables, InstructionCounts, CodeSizes.
//
// Two more commands are this program's own: "serve" is the other build's side of OtherBuild, "work" is what callgrind
// counts.

using System.CommandLine;
using SipEmbedded.Bench.Peers;

Option<string> repository = new("--repository") { Description = "The repository's root.", Required = true, Recursive = true };
Option<int> seconds = new("--seconds") { Description = "How long to measure, warm-up included.", DefaultValueFactory = _ => 25 };
Option<bool> perMessage = new("--per-message") { Description = "Print every figure by itself, with quartiles." };
Option<bool> callgrind = new("--callgrind") { Description = "Count instructions per message as well (some minutes)." };
Option<bool> record = new("--record") { Description = "Write bench/results/parse.md." };
Option<string> shimFlags = new("--shim-flags")
{
    Description = "What the shims were compiled with, for the record.",
    DefaultValueFactory = _ => "unknown flags",
};
seconds.Validators.Add(result =>
{
    // A day: beyond it a typing error is likelier than a wish.
    const int MostSeconds = 86400;
    if (result.GetValueOrDefault<int>() is < 1 or > MostSeconds)
        result.AddError($"--seconds takes 1 to {MostSeconds}.");
});

RootCommand root = new("Parsing time of our SIP parser and of Debian's C stacks, over bench/corpus.")
{
    repository, seconds, perMessage, callgrind, record, shimFlags,
};
root.SetAction(result => Compare(new Layout(result.GetRequiredValue(repository)), result));

Command serve = new("serve", "Time our parser on request, for the other build.") { Hidden = true };
serve.SetAction(result => OtherBuild.Serve(
    Corpus.Load(new Layout(result.GetRequiredValue(repository)).Corpus), Console.In, Console.Out));
root.Subcommands.Add(serve);

Argument<string> who = new("contender");
Argument<Work> workKind = new("work");
Argument<long> iterations = new("iterations");
Command work = new("work", "Parse every message so many times, print nothing.") { who, workKind, iterations };
work.Hidden = true;
work.SetAction(result => Repeat(
    new Layout(result.GetRequiredValue(repository)),
    result.GetRequiredValue(who), result.GetRequiredValue(workKind), result.GetRequiredValue(iterations)));
root.Subcommands.Add(work);

return root.Parse(args).Invoke();

int Compare(Layout layout, ParseResult options)
{
    CorpusMessage[] corpus = Corpus.Load(layout.Corpus);
    Dictionary<string, PeerLibrary> libraries =
        Peer.All.ToDictionary(peer => peer.Name, peer => new PeerLibrary(layout.Shim(peer.Name), hasParser: true));
    foreach ((string name, PeerLibrary library) in libraries)
        Verification.Check(name, corpus, library.ReadFacts, library.ReadSdpFacts);
    Verification.Check("ours", corpus, message => OurParser.ReadFacts(message), body => OurParser.ReadSdpFacts(body));

    using OtherBuild oursSize = new("ours-size", layout.OursSize, layout.Repository);
    Field field = new(
        new OurContender("ours"), oursSize,
        [.. Peer.All.Select(peer => (
            new PeerContender(peer.Name, libraries[peer.Name], hasParser: true) { Copies = peer.Copies }, peer.WantedRatio))],
        new PeerContender("copy", new PeerLibrary(layout.Shim("copy"), hasParser: false), hasParser: false));
    CheckBuildsAgree(oursSize, corpus);

    Rounds rounds = new(field.All, corpus);
    rounds.Run(TimeSpan.FromSeconds(options.GetValue(seconds)));
    Figures figures = new(rounds, field.Copy);

    List<Table> tables = [TimeTables.Corpus(field, figures, corpus), TimeTables.Sdp(field, figures, corpus)];
    if (options.GetValue(callgrind))
        tables.Add(InstructionCounts.Count(field, layout.Ours, layout.OursSize, layout.Repository, corpus));
    Dictionary<string, string> libraryFiles = Peer.All.ToDictionary(peer => peer.Name, peer => LoadedFile(peer.SharedObject));
    tables.Add(CodeSizes.Measure(field, layout.Ours, layout.OursSize, libraryFiles));
    if (options.GetValue(perMessage))
        tables.Add(TimeTables.EveryCell(rounds, corpus));

    foreach (Table table in tables)
        Console.WriteLine(table.ToText());
    if (options.GetValue(record))
        Record(layout, tables, Machine.Describe(options.GetValue(shimFlags)!, libraryFiles.Values));
    Console.WriteLine(TimeTables.LastLine(field, figures, field.Ours.AllocatedBytes + oursSize.AllocatedBytes));
    return 0;
}

// Both builds parse the same message to the same end, or one of them is miscompiled or out of date.
static void CheckBuildsAgree(OtherBuild oursSize, CorpusMessage[] corpus)
{
    foreach (Work kind in Enum.GetValues<Work>())
        for (int message = 0; message < corpus.Length; message++)
            if (corpus[message].Has(kind)
                && OurRun.Measure(kind, corpus[message].InputFor(kind), 1).Checksum != oursSize.Checksum(kind, message))
                throw new InvalidOperationException($"{corpus[message].Name}, {kind}: the two builds disagree.");
}

// The file behind a library that this process has open.
static string LoadedFile(string name) => File.ReadLines("/proc/self/maps")
    .Select(line => line[(line.LastIndexOf(' ') + 1)..])
    .First(path => Path.GetFileName(path).StartsWith(name, StringComparison.Ordinal));

static void Record(Layout layout, List<Table> tables, IEnumerable<string> machine)
{
    List<string> sections =
    [
        "# Parsing, beside Debian's C stacks\n\n"
            + "Written by `bench/run parse --record`. What is measured, and how: bench/README.md.\n",
        string.Concat(machine.Select(line => $"- {line}\n")),
        .. tables.Select(table => table.ToMarkdown()),
    ];
    File.WriteAllText(layout.Record, string.Join('\n', sections));
}

static int Repeat(Layout layout, string who, Work work, long iterations)
{
    Contender contender = who is "ours" or "ours-size"
        ? new OurContender(who)
        : new PeerContender(who, new PeerLibrary(layout.Shim(who), hasParser: who != "copy"), hasParser: who != "copy");
    CorpusMessage[] corpus = Corpus.Load(layout.Corpus);
    for (int message = 0; message < corpus.Length; message++)
        if (corpus[message].Has(work))
            contender.Measure(work, message, corpus[message].InputFor(work), iterations);
    return 0;
}
