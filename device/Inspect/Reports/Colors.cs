namespace SipEmbedded.Device.Inspect.Reports;

/// <summary>Select Graphic Rendition (ECMA-48 §8.3.117): the terminal's own eight colours, so that its theme decides.</summary>
internal static class Colors
{
    public const string Plain = "\e[0m";
    public const string Title = "\e[1m";
    public const string Header = "\e[36m";
    public const string Name = "\e[2m";
    public const string Number = "\e[33m";
    public const string Word = "\e[35m";
    public const string Good = "\e[32m";
    public const string Fault = "\e[31m";
}
