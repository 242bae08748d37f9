// The declarations over a grammar of package manifests, which has nothing to do with SIP.
using SipEmbedded.Generation;
using SipEmbedded.Memory;
using SipEmbedded.Text;

[assembly: AllocationFree]

namespace Packages;

[Flags]
public enum Tolerance : uint
{
    AlignedColumns = 1,
}

[Grammar("manifest")]
[Settle("dependency-param", Choose.InOrder, Because = "a parameter that is known by name is not an extension")]
[Lenient("lenient-gap", (uint)Tolerance.AlignedColumns)]
internal static partial class ManifestGrammar;

[Vocabulary("Command", "Command")]
public static partial class Commands;

[HeaderNames("Field")]
public static partial class Fields;

/// <summary>A version: <c>major "." minor "." patch [ "-" pre-release ]</c>.</summary>
[Record("version")]
public readonly partial struct Version
{
    [Capture("major", Max = 999)] public partial ushort Major { get; }
    [Capture("minor")] public partial byte Minor { get; }
    [Capture("patch", Saturate = true)] public partial byte Patch { get; }
    [Capture("pre-release")] public partial Slice PreRelease { get; }
}

[Record("request")]
public readonly partial struct Request
{
    [Capture("Command")] public partial Command Command { get; }
    [Capture("Command")] public partial Slice CommandText { get; }
    [Capture("package")] public partial Slice Package { get; }
    [Capture("version")] public partial Version Version { get; }
}

[Header("Depends")]
public readonly partial struct Depends
{
    [Capture("package")] public partial Slice Package { get; }
    [Capture("version")] public partial Version Version { get; }
    [Parameters("dependency-param")] public partial Slice Parameters { get; }
    [Parameter("level")] public partial byte? Level { get; }
    [Parameter("optional")] public partial bool IsOptional { get; }
    [Parameter("mirror")] public partial Slice Mirror { get; }
}

[Header("Priority")]
public readonly partial struct Priority
{
    /// <summary>In thousandths.</summary>
    [Capture("weight", Thousandths = true)] public partial ushort Weight { get; }
}

public struct Counts
{
    public int Installed;
    public int Removed;
}

[Dispatcher(typeof(Commands))]
public static partial class Machine
{
    [Handles("INSTALL")]
    private static bool Install(ref Counts counts, in Request request)
    {
        counts.Installed += request.Version.Major;
        return true;
    }

    [Handles("REMOVE")]
    private static bool Remove(ref Counts counts, in Request request)
    {
        counts.Removed++;
        return false;
    }
}
