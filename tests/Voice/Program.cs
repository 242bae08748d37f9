// The runner behind tests/Voice/run. Exits 0 where a command did what it should, 1 where a library is missing, 2 where it does not understand.
using SipEmbedded.Voice.Tests.Echo;
using SipEmbedded.Voice.Tests.Jitter;

return args switch
{
    ["jitter"] => JitterTable.Print(Console.Out),
    ["echo"] => EchoTable.Print(Console.Out, folder: null),
    ["echo", "--record", var folder] => EchoTable.Print(Console.Out, folder),
    _ => Complain(),
};

static int Complain()
{
    Console.Error.WriteLine("usage: tests/Voice/run jitter | echo [--record FOLDER]");
    return 2;
}
