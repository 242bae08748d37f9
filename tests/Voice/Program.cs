// The runner behind tests/Voice/run. Exits 0 where a command did what it should, 2 where it does not understand.
using SipEmbedded.Voice.Tests.Jitter;

return args switch
{
    ["jitter"] => JitterTable.Print(Console.Out),
    _ => Complain(),
};

static int Complain()
{
    Console.Error.WriteLine("usage: tests/Voice/run jitter");
    return 2;
}
