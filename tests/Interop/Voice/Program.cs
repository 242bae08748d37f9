// The runner behind tests/Interop/run. Exits 0 where a command did what it should, 1 where it did not, 2 where it does not understand.
using SipEmbedded.Interop.Tests.Voice;

return args switch
{
    ["calls", .. var more] => VoiceTable.Print(Console.Out, more),
    ["keys", .. var more] => KeyTable.Print(Console.Out, more),
    _ => Complain(),
};

static int Complain()
{
    Console.Error.WriteLine("usage: tests/Interop/run calls [CODEC…] | keys [PEER…]");
    return 2;
}
