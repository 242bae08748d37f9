// A user's own header, method and handlers, beside the library's.
using SipEmbedded.Generation;
using SipEmbedded.Memory;
using SipEmbedded.Messages;
using SipEmbedded.Text;

[assembly: AllocationFree]

namespace Doors;

[Grammar("sip", Extends = typeof(SipGrammar))]
internal static partial class DoorGrammar;

/// <summary>A header of ours: doors by number, each with parameters.</summary>
[Header("X-Door")]
public readonly partial struct XDoor
{
    [Capture("door-number")] public partial byte Number { get; }
    [Parameters("generic-param")] public partial Slice Parameters { get; }
    [Parameter("floor")] public partial byte? Floor { get; }
}

/// <summary>A header of ours that holds a record of the library's.</summary>
[Header("X-Opened-By")]
public readonly partial struct XOpenedBy
{
    [Capture("addr-spec")] public partial SipUri Uri { get; }
}

/// <summary>INVITE, and a method of ours that the grammar does not list.</summary>
[Dispatcher(typeof(Methods))]
public partial class DoorServer
{
    public int Calls { get; private set; }
    public int Openings { get; private set; }

    [Handles("INVITE")]
    private void OnInvite(in SipMessage request) => Calls++;

    [Handles("OPEN")]
    private void OnOpen(in SipMessage request) => Openings += request.TryGet<XDoor>(out var door, out _) ? door.Number : 0;
}
