namespace SipEmbedded.Interop.Tests.Voice;

internal static class KeyTable
{
    public static int Print(TextWriter output)
    {
        output.WriteLine();
        return 0;
    }
}
