// The floors of the stack (ARCHITECTURE.md): a file uses only what lies on a lower floor. One assembly cannot hold its own folders to that,
// so this reads the sources: a use is a using directive, or a qualified name, of a namespace that a folder on the wrong floor declares.
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace SipEmbedded.Architecture.Tests;

internal static class Floors
{
    /// <summary>The floors from below; folders of runtime/, device/Peer for the agents without I/O, and device for the rest of the program.</summary>
    private static readonly string[][] FromBelow =
    [
        ["Memory"],
        ["Text"],
        ["Messages", "Uris", "Sdp", "Rtp", "Audio"],
        ["Transport"],
        ["Transactions", "Auth", "Resolution"],
        ["Dialogs", "KeepAlive", "Negotiation", "SessionTimers"],
        ["Registration", "Voice"],
        ["Calls", "Events"],
        ["Agent"],
        ["Peer"],
        ["Host", "NativeAudio"],
        ["Device", "Samples"],
    ];

    private static readonly Dictionary<string, int> FloorOf =
        FromBelow.SelectMany((folders, floor) => folders.Select(folder => (folder, floor))).ToDictionary(pair => pair.folder, pair => pair.floor);

    /// <summary>Neighbours on one floor that may be used all the same: a URI is a part of a message, and a jitter buffer knows what a packet's header says.</summary>
    private static readonly HashSet<(string, string)> AllowedNeighbours = [("Messages", "Uris"), ("Uris", "Messages"), ("Audio", "Rtp")];

    /// <summary>What a folder may use although lower floors hold more: RTP and sound are for others to take alone.</summary>
    private static readonly Dictionary<string, string[]> Only = new()
    {
        ["Rtp"] = ["Memory", "Text"], ["Audio"] = ["Memory", "Text", "Rtp"], ["NativeAudio"] = ["Memory", "Text", "Audio"],
    };

    /// <summary>
    /// Types of .NET that reach outside: time, chance, threads, files, the network. Only Host has them, since the stack below it must be the same
    /// twice for the same seed.
    /// </summary>
    private static readonly HashSet<string> HostOnly =
    [
        "Socket", "UdpClient", "TcpClient", "TcpListener", "NetworkStream", "SslStream", "Dns", "Stopwatch", "TimeProvider", "Random",
        "RandomNumberGenerator", "Thread", "ThreadPool", "Task", "ValueTask", "Timer", "PeriodicTimer", "File", "FileStream", "Directory", "Process",
        "Console",
        // One thread runs the stack: what guards against another one has no place in it.
        "Monitor", "Mutex", "Semaphore", "SemaphoreSlim", "Lock", "ReaderWriterLockSlim", "Interlocked", "Volatile", "ThreadLocal", "AsyncLocal",
        "CancellationToken", "CancellationTokenSource", "ManualResetEventSlim", "AutoResetEvent", "ConcurrentQueue", "ConcurrentDictionary", "Channel",
        "NativeLibrary",
    ];

    /// <summary>Attributes that reach outside: into other libraries, to other threads.</summary>
    private static readonly HashSet<string> HostOnlyAttributes = ["DllImport", "LibraryImport", "UnmanagedCallersOnly", "ThreadStatic"];

    /// <summary>Members that reach outside although their type may be used.</summary>
    private static readonly HashSet<(string Type, string Member)> HostOnlyMembers =
    [
        ("DateTime", "Now"), ("DateTime", "UtcNow"), ("DateTime", "Today"), ("DateTimeOffset", "Now"), ("DateTimeOffset", "UtcNow"),
        ("Environment", "TickCount"), ("Environment", "TickCount64"), ("Guid", "NewGuid"), ("Guid", "CreateVersion7"),
    ];

    /// <summary>The folder that a source file belongs to, or null for one that lies on no floor.</summary>
    public static string? FolderOf(string path)
    {
        string[] parts = path.Split('/');
        return parts switch
        {
            ["device", "Peer", ..] => "Peer",
            ["device", ..] => "Device",
            ["runtime", var folder, _, ..] when folder != "Grammar" => folder,
            _ => null,
        };
    }

    /// <summary>True for a folder of runtime/ that a floor is given for.</summary>
    public static bool IsKnown(string folder) => FloorOf.ContainsKey(folder);

    /// <summary>What a file does that its floor does not allow, a line each; empty where all is well.</summary>
    public static List<string> Violations(string path, string source)
    {
        string? folder = FolderOf(path);
        if (folder is null || !FloorOf.TryGetValue(folder, out int floor))
            return folder is null ? [] : [$"{path}: the folder '{folder}' is on no floor"];
        var found = new List<string>();
        var root = CSharpSyntaxTree.ParseText(source, new CSharpParseOptions(LanguageVersion.Preview)).GetRoot();
        foreach (var name in root.DescendantNodes().OfType<NameSyntax>())
        {
            if (name is QualifiedNameSyntax qualified && name.Parent is not QualifiedNameSyntax && name.Parent is not BaseNamespaceDeclarationSyntax)
                Judge(qualified.ToString());
        }
        foreach (var access in root.DescendantNodes().OfType<MemberAccessExpressionSyntax>())
        {
            if (access.Parent is not MemberAccessExpressionSyntax)
                Judge(access.ToString());
            string type = access.Expression.ToString().Split('.')[^1];
            if (floor < FloorOf["Host"] && HostOnlyMembers.Contains((type, access.Name.Identifier.Text)))
                found.Add($"{path}: {type}.{access.Name.Identifier.Text} is for Host alone");
        }
        if (floor < FloorOf["Host"])
        {
            foreach (var identifier in root.DescendantNodes().OfType<SimpleNameSyntax>().Where(IsType))
            {
                if (HostOnly.Contains(identifier.Identifier.Text))
                    found.Add($"{path}: {identifier.Identifier.Text} is for Host alone");
            }
            foreach (var node in root.DescendantNodes())
            {
                if (Outside(node) is { } what)
                    found.Add($"{path}: {what} is for Host alone");
                // The plan of the memory is true only if all of it goes through the gate.
                if (folder != "Memory" && node is ArrayCreationExpressionSyntax or ImplicitArrayCreationExpressionSyntax && !IsTable(node))
                    found.Add($"{path}: {node} is not taken from the start gate");
            }
        }
        return [.. found.Distinct()];

        void Judge(string name)
        {
            string[] parts = name.Replace("global::", "").Split('.', '(', '<');
            if (parts is not ["SipEmbedded", var used, ..] || used == folder || !FloorOf.TryGetValue(used, out int usedFloor))
                return;
            if (usedFloor > floor)
                found.Add($"{path}: uses {used}, which lies above {folder}");
            else if (usedFloor == floor && !AllowedNeighbours.Contains((folder, used)))
                found.Add($"{path}: uses {used}, which lies beside {folder}");
            else if (Only.TryGetValue(folder, out string[]? only) && !only.Contains(used))
                found.Add($"{path}: uses {used}; {folder} uses {string.Join(" and ", only)} alone");
        }
    }

    /// <summary>What a syntax does that belongs to Host: shares with other threads, waits, calls into the system, keeps state for the whole process.</summary>
    private static string? Outside(SyntaxNode node) => node switch
    {
        LockStatementSyntax => "lock",
        AwaitExpressionSyntax => "await",
        AttributeSyntax attribute when HostOnlyAttributes.Contains(attribute.Name.ToString().Split('.')[^1].Replace("Attribute", "")) => attribute.Name.ToString(),
        MemberDeclarationSyntax member when Has(member, SyntaxKind.AsyncKeyword) => "async",
        MemberDeclarationSyntax member when Has(member, SyntaxKind.ExternKeyword) => "extern",
        MemberDeclarationSyntax member when Has(member, SyntaxKind.VolatileKeyword) => "volatile",
        // Two stacks in one process, as in a simulation, would share it.
        FieldDeclarationSyntax field when Has(field, SyntaxKind.StaticKeyword) && !Has(field, SyntaxKind.ReadOnlyKeyword) =>
            $"the static field {field.Declaration.Variables[0].Identifier.Text}, which can change,",
        PropertyDeclarationSyntax { AccessorList: { } accessors } property
            when Has(property, SyntaxKind.StaticKeyword) && !Has(property, SyntaxKind.AbstractKeyword)
                && accessors.Accessors.Any(accessor => accessor.Keyword.IsKind(SyntaxKind.SetKeyword)) =>
            $"the static property {property.Identifier.Text}, which can change,",
        _ => null,
    };

    private static bool Has(MemberDeclarationSyntax member, SyntaxKind modifier) => member.Modifiers.Any(modifier);

    // A constant table: made once for the process, whatever is configured.
    private static bool IsTable(SyntaxNode node) =>
        node.Ancestors().OfType<MemberDeclarationSyntax>().FirstOrDefault() is FieldDeclarationSyntax field && Has(field, SyntaxKind.StaticKeyword);

    // A property or a named argument may well be called Task or Timer; a type is what stands at a type's place or in front of a dot.
    private static bool IsType(SimpleNameSyntax name) => name.Parent switch
    {
        MemberAccessExpressionSyntax access => access.Expression == name || HostOnly.Contains(name.Identifier.Text) && IsNamespace(access.Expression),
        QualifiedNameSyntax or ObjectCreationExpressionSyntax or VariableDeclarationSyntax or ParameterSyntax or BasePropertyDeclarationSyntax
            or MethodDeclarationSyntax or TypeArgumentListSyntax or BaseTypeSyntax or NullableTypeSyntax or ArrayTypeSyntax or CastExpressionSyntax
            or TypeOfExpressionSyntax or UsingDirectiveSyntax => true,
        _ => false,
    };

    private static bool IsNamespace(ExpressionSyntax expression) => expression.ToString().StartsWith("System", StringComparison.Ordinal);
}
